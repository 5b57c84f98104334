// One note for the whole page: what is known of the object under the pointer, in letters of the page's own size.
import { el } from "./dom.js"
import { text } from "./texts.js"

let note, owner

/** Shows a thing beside a rectangle of the page, {left, right, top}. */
export function showTip(view, thing, place, colour) {
    note ??= el("div", "cielr cielr-tip", { role: "tooltip" })
    owner = view
    note.replaceChildren(...lines(thing, colour))
    document.body.append(note)
    const { width, height } = note.getBoundingClientRect()
    const gap = 10
    const right = place.right + gap + width <= innerWidth
    const left = right ? place.right + gap : Math.max(gap, place.left - gap - width)
    const top = Math.min(Math.max(gap, place.top), innerHeight - height - gap)
    note.style.left = `${left}px`
    note.style.top = `${top}px`
}

/** Takes the note away where it is this view's. */
export function hideTip(view) {
    if (owner !== view) return
    note?.remove()
    owner = undefined
}

/** How near a thing is, 0 nearest … 1 farthest, with a word for it. */
const depthWords = depth => `${depth.toFixed(2)} · ${text("depthWords")[Math.min(4, Math.floor(depth * 5))]}`

function lines(thing, colour) {
    const rows = [[text("score"), `${Math.round(thing.score * 100)} %`]]
    if (thing.depth != null) rows.push([text("depth"), depthWords(thing.depth)])
    rows.push([text("area"), `${thing.area.toLocaleString()} ${text("pixels")}`])
    if (thing.part_of) rows.push([text("partOf"), thing.part_of])
    if (thing.effect_of) rows.push([text("effectOf"), thing.effect_of])
    if (thing.source) rows.push([text("source"), thing.source])
    const own = Object.entries(thing.attributes ?? {})
    const list = (pairs, name) =>
        el("dl", name, {}, ...pairs.flatMap(([key, value]) => [el("dt", "", { text: key }), el("dd", "", { text: value })]))
    const mark = el("i", "cielr-dot")
    mark.style.background = colour
    return [
        el("header", "", {}, mark, el("b", "", { text: thing.id }), el("span", "", { text: thing.label })),
        list(rows, "cielr-facts"),
        ...(own.length ? [list(own, "cielr-facts cielr-own")] : []),
        el("footer", "", { text: text("clickHint") }),
    ]
}
