// Which image of a batch is looked at: back, on, and the number.
import { button, el } from "./dom.js"
import { text } from "./texts.js"

export class Pager {
    #at = 0
    #count = 0

    /** `onTurn(at)` is called with the image that is to be shown. */
    constructor(onTurn) {
        const turn = by => () => {
            this.#at = (this.#at + by + this.#count) % this.#count
            this.#tell()
            onTurn(this.#at)
        }
        const before = button("‹", "cielr-small", turn(-1), { "aria-label": text("before"), title: text("before") })
        const next = button("›", "cielr-small", turn(1), { "aria-label": text("next"), title: text("next") })
        this.number = el("span", "cielr-count")
        this.element = el("span", "cielr-pager", { hidden: true }, before, this.number, next)
    }

    /** So many images, the first of them shown. */
    reset(count) {
        this.#at = 0
        this.#count = count
        this.element.hidden = count < 2
        this.#tell()
    }

    #tell() {
        this.number.textContent = `${this.#at + 1} / ${this.#count}`
    }
}
