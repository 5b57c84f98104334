// The variants of each region that was painted by several seeds: one is kept, and a click chooses another.
import { button, el, isPlain, keepInside, onPoint, scrolling } from "./dom.js"
import { fileUrl } from "./graph.js"
import { text } from "./texts.js"

export class VariantsView {
    #onChoose
    #onLook

    /** `onChoose(look, number)` keeps a variant; `onLook(look, number)` shows one in its place for a moment, or none. */
    constructor(onChoose, onLook) {
        this.#onChoose = onChoose
        this.#onLook = onLook
        this.rows = scrolling("div", "cielr-rows")
        this.note = el("p", "cielr-note", { role: "status" })
        this.element = keepInside(el("div", "cielr-variants", { hidden: true }, this.rows, this.note))
    }

    /** What there is to choose from in an image, with what is chosen by the node's seeds. */
    show(looks = [], choice = "") {
        this.element.hidden = !looks.length
        const isOther = looks.some(look => chosen(look, choice) !== look.kept)
        this.note.textContent = isOther ? text("runToKeep") : ""
        this.rows.replaceChildren(...looks.map(look => this.#row(look, chosen(look, choice))))
    }

    #row(look, now) {
        const label = text("variantsOf", { n: look.action })
        const made = look.pictures.map((file, number) => {
            const words = text("variant", { n: number + 1, s: look.seeds[number] })
            const picture = button("", "cielr-variant", () => this.#onChoose(look, number), {
                role: "radio", "aria-label": words, title: words,
                "aria-checked": String(number === now), tabindex: number === now ? 0 : -1,
            })
            picture.append(el("img", "", { src: fileUrl(file), alt: "", draggable: "false" }))
            onPoint(picture, () => this.#onLook(look, number), () => this.#onLook())
            return picture
        })
        const group = el("div", "cielr-row", { role: "radiogroup", "aria-label": label }, el("span", "", { text: look.action }), ...made)
        group.addEventListener("keydown", event => {
            const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
            const at = made.indexOf(event.target)
            if (!way || at < 0 || !isPlain(event)) return
            event.preventDefault()
            made[(at + way + made.length) % made.length].focus()
        })
        return group
    }
}

const words = choice => choice.split(/[\s,]+/).filter(Boolean)
const ways = look => look.seeds.flatMap(seed => [seed, `${look.image}:${seed}`])

/** The number of the variant that a node's seeds choose; the first where they name none. */
function chosen(look, choice) {
    const kept = words(choice)
    return Math.max(0, look.seeds.findIndex(seed => kept.includes(seed) || kept.includes(`${look.image}:${seed}`)))
}

/** The node's seeds with another variant of one region chosen; in a batch for its image alone. */
export function withChoice(choice, look, number, isBatch) {
    const own = ways(look)
    const others = words(choice).filter(word => !own.includes(word))
    const seed = isBatch ? `${look.image}:${look.seeds[number]}` : look.seeds[number]
    return (number ? [...others, seed] : others).join(" ")
}
