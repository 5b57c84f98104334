// The objects of a scene as a list.
import { el, empty, onPoint, scrolling } from "./dom.js"
import { text } from "./texts.js"

export class ObjectsView {
    #onLight
    #lines = new Map()

    constructor(onLight) {
        this.#onLight = onLight
        this.element = scrolling("div", "cielr-objects", { tabindex: 0 })
        this.show()
    }

    show(view) {
        const things = view?.objects ?? []
        this.#lines = new Map(things.map(thing => [thing.id, this.#line(thing)]))
        this.words = things.map(thing => `${thing.id}\t${thing.label}`).join("\n")
        const nothing = things.length ? [] : [empty(view ? "noObjects" : "emptyScene")]
        this.element.replaceChildren(...this.#lines.values(), ...nothing)
        this.element.scrollTop = 0
    }

    /** The line of the thing that is pointed at in the picture. */
    mark(thing) {
        for (const [id, line] of this.#lines) line.classList.toggle("cielr-lit", id === thing?.id)
        const line = this.#lines.get(thing?.id)
        if (!line) return
        // scrollIntoView would also move the page
        const top = line.offsetTop - this.element.offsetTop
        if (top < this.element.scrollTop) this.element.scrollTop = top
        else if (top + line.offsetHeight > this.element.scrollTop + this.element.clientHeight)
            this.element.scrollTop = top + line.offsetHeight - this.element.clientHeight
    }

    #line(thing) {
        const looks = Object.values(thing.attributes ?? {}).join(", ")
        const facts = [thing.label !== thing.id ? thing.label : "", looks].filter(Boolean).join(" · ")
        const line = el(
            "div", "cielr-object", { tabindex: 0, "data-id": thing.id },
            el("b", "", { text: thing.id }),
            el("span", "cielr-looks", { text: facts, title: facts }),
            el("span", "cielr-number", { text: `${Math.round(thing.score * 100)} %`, title: text("score") }),
        )
        onPoint(line, () => this.#onLight([thing.id]), () => this.#onLight([]))
        return line
    }
}
