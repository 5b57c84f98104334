// What happens while Reason thinks, line by line.
import { el, empty, scrolling } from "./dom.js"

export class StepsView {
    #lines = new Map()
    #running = false

    constructor() {
        this.element = scrolling("div", "cielr-steps", { tabindex: 0, role: "log", "aria-live": "polite" })
        this.clear()
    }

    clear() {
        this.#lines.clear()
        this.#running = false
        this.element.replaceChildren(empty("emptySteps"))
    }

    /** A line; lines on one topic replace each other, and what happens now stands last. */
    add(words, topic = words, name = "") {
        if (!this.#lines.size) this.element.replaceChildren()
        let line = this.#lines.get(topic)
        if (!line) {
            line = el("div", `cielr-step ${name}`)
            this.#lines.set(topic, line)
        }
        if (line !== this.element.lastElementChild) this.element.append(line)
        line.textContent = words
        this.#running = true
        this.#mark(line)
        this.element.scrollTop = this.element.scrollHeight
    }

    /** It is over: what was found on the way takes the place of what was said while nobody knew it yet. */
    end(lines = []) {
        if (lines.length) this.#lines.clear()
        lines.forEach((words, at) => this.add(words, `told ${at}`))
        this.#running = false
        this.#mark()
    }

    fail(words) {
        this.add(words, `failed ${this.#lines.size}`, "cielr-failed")
        this.end()
    }

    get words() {
        return [...this.element.querySelectorAll(".cielr-step")].map(line => line.textContent).join("\n")
    }

    #mark(last) {
        for (const line of this.#lines.values()) line.classList.toggle("cielr-now", this.#running && line === last)
    }
}
