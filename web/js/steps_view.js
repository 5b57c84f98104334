// What happens while Reason thinks, line by line, and the question that it may ask.
import { button, el } from "./dom.js"
import { text } from "./texts.js"

export class StepsView {
    #lines = new Map()
    #running = false

    constructor() {
        this.element = el("div", "cielr-scrolls cielr-steps", {
            tabindex: 0,
            role: "log",
            "aria-live": "polite",
            "data-capture-wheel": "true",
        })
        this.clear()
    }

    clear() {
        this.#lines.clear()
        this.#running = false
        this.element.replaceChildren(el("p", "cielr-empty", { text: text("emptySteps") }))
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

export class QuestionView {
    /** `onAnswer(words)` is called once the user has decided. */
    constructor(onAnswer) {
        this.question = el("p", "cielr-question")
        this.choices = el("div", "cielr-choices")
        this.input = el("input", "cielr-input", { type: "text", placeholder: text("answerHint"), "aria-label": text("answerHint") })
        this.send = button(text("answer"), "cielr-main cielr-answer", () => this.#answer(onAnswer))
        this.note = el("p", "cielr-note", { role: "status" })
        this.input.addEventListener("keydown", event => {
            if (event.key === "Enter" && !event.isComposing) this.#answer(onAnswer)
        })
        this.input.addEventListener("input", () => this.#update())
        const head = el("p", "cielr-asks", { text: text("asks") })
        const bar = el("div", "cielr-bar", {}, this.input, this.send)
        this.element = el(
            "div",
            "cielr-ask cielr-scrolls",
            { role: "group", "aria-label": text("asks"), "data-capture-wheel": "true", hidden: true },
            head, this.question, this.choices, bar, this.note,
        )
    }

    ask(words, choices = []) {
        this.question.textContent = words
        this.choices.replaceChildren(
            ...choices.map(choice => button(choice, "cielr-choice", () => this.put(choice), { "aria-pressed": "false" })),
        )
        this.input.value = ""
        this.note.textContent = ""
        this.#update()
    }

    say(words) {
        this.note.textContent = words
    }

    /** An answer, as if it had been typed; the user sends it. */
    put(words) {
        this.input.value = words
        this.#update()
        this.input.focus()
    }

    #answer(onAnswer) {
        const words = this.input.value.trim()
        if (words) onAnswer(words)
        else this.input.focus()
    }

    #update() {
        this.send.disabled = !this.input.value.trim()
        for (const choice of this.choices.children)
            choice.setAttribute("aria-pressed", String(choice.textContent === this.input.value))
    }
}
