// One image before and after the edit, one over the other, with a divider between them that is dragged or moved by keys.
import { el, isPlain, keepInside } from "./dom.js"
import { fileUrl } from "./graph.js"
import { text } from "./texts.js"

/** What keys do to the divider, in percent of the width. */
const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 }

export class CompareView {
    #at = 50
    #view

    constructor() {
        const picture = name => el("img", `cielr-${name}`, { draggable: "false", alt: text(name) })
        this.before = picture("pictureBefore")
        this.after = picture("pictureAfter")
        this.divider = el("div", "cielr-divider", {
            role: "slider",
            tabindex: 0,
            "aria-label": text("compare"),
            "aria-valuemin": 0,
            "aria-valuemax": 100,
        })
        const tag = name => el("span", `cielr-tag cielr-tag-${name}`, { text: text(name), "aria-hidden": "true" })
        const tags = ["pictureBefore", "pictureAfter"].map(tag)
        this.part = el("img", "cielr-part", { draggable: "false", alt: "", hidden: true })
        const over = [this.part, ...tags, this.divider]
        this.pair = keepInside(el("div", "cielr-pair", { hidden: true }, this.before, this.after, ...over))
        this.empty = el("div", "cielr-empty", { text: text("emptyCompare") })
        this.element = el("div", "cielr-compare", {}, this.pair, this.empty)
        this.pair.addEventListener("pointerdown", event => this.#grab(event))
        this.pair.addEventListener("pointermove", event => this.pair.hasPointerCapture(event.pointerId) && this.#drag(event))
        this.divider.addEventListener("keydown", event => this.#step(event))
        for (const image of [this.before, this.after])
            image.addEventListener("error", () => {
                this.pair.hidden = true
                this.#say(text("pictureGone"))
            })
        this.#move(this.#at)
    }

    /** One view as the server sends it, or undefined for none. */
    show(view) {
        const shown = view?.before && view.after ? view : undefined
        this.#view = shown
        this.lay()
        this.pair.hidden = !shown
        this.#say(shown ? "" : text("emptyCompare"))
        if (!shown) {
            for (const image of [this.before, this.after]) image.removeAttribute("src")
            return
        }
        this.pair.style.setProperty("--cielr-ratio", shown.width / shown.height)
        this.before.src = fileUrl(shown.before)
        this.after.src = fileUrl(shown.after)
    }

    /** Another picture of one part of the image, laid over it: a file and its box [x0, y0, x1, y1]; none takes it away. */
    lay(file, [x0, y0, x1, y1] = []) {
        this.part.hidden = !file || !this.#view
        if (this.part.hidden) return
        const { width, height } = this.#view
        const share = (side, whole) => `${(side / whole) * 100}%`
        Object.assign(this.part.style, {
            left: share(x0, width), top: share(y0, height), width: share(x1 - x0, width), height: share(y1 - y0, height),
        })
        this.part.src = fileUrl(file)
    }

    #say(words) {
        this.empty.textContent = words
        this.empty.hidden = !words
    }

    #grab(event) {
        if (event.button !== 0) return
        this.pair.setPointerCapture(event.pointerId)
        this.divider.focus({ preventScroll: true })
        // no picture is carried away, and nothing is marked
        event.preventDefault()
        this.#drag(event)
    }

    #drag(event) {
        const { left, width } = this.pair.getBoundingClientRect()
        if (width) this.#move(((event.clientX - left) / width) * 100)
    }

    #step(event) {
        const by = STEPS[event.key]
        if (!by || !isPlain(event)) return
        event.preventDefault()
        this.#move(this.#at + by)
    }

    /** The divider stands at so many percent of the width: before on its left, after on its right. */
    #move(to) {
        this.#at = Math.min(100, Math.max(0, to))
        const percent = Math.round(this.#at)
        this.pair.style.setProperty("--cielr-at", `${this.#at}%`)
        this.divider.setAttribute("aria-valuenow", percent)
        this.divider.setAttribute("aria-valuetext", text("compareAt", { p: percent }))
    }
}
