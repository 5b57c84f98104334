// A text to read and to select; long ones scroll inside, and may lie on the server until they are wanted.
import { scrolling } from "./dom.js"
import { fileText } from "./graph.js"
import { text } from "./texts.js"

export class TextView {
    #source = ""
    #asked

    /** `name`: of the page, which is also what a screen reader calls it. */
    constructor(name) {
        this.element = scrolling("textarea", `cielr-text cielr-${name}`, {
            readonly: true,
            spellcheck: "false",
            placeholder: text("emptyText"),
            "aria-label": text(name),
        })
    }

    /** A string, or a file of the server. It is fetched when it is read. */
    show(source = "") {
        this.#source = source
        this.#asked = undefined
        this.element.value = typeof source === "string" ? source : ""
        this.element.scrollTop = 0
    }

    /** The text, fetched where it has to be. */
    get words() {
        if (typeof this.#source === "string") return Promise.resolve(this.#source)
        return (this.#asked ??= fileText(this.#source).then(pretty))
    }

    async read() {
        const source = this.#source
        let words
        try {
            words = await this.words
        } catch {
            this.#asked = undefined
            words = text("textGone")
        }
        if (source === this.#source && this.element.value !== words) this.element.value = words
    }
}

/** JSON with one field a line, but lists of numbers kept together: what is inside a text has no line of its own. */
function pretty(words) {
    try {
        return JSON.stringify(JSON.parse(words), null, 1).replace(/\[\n[^[\]{}"]*\]/g, list => list.replace(/\s+/g, " "))
    } catch {
        return words
    }
}
