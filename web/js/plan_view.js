// A plan as a list that a person reads.
import { ACTIONS, CHANGES } from "./actions.js"
import { el, empty, onPoint, scrolling } from "./dom.js"
import { divider, inLanguage, text } from "./texts.js"

/** Changes that need no painter are written so, with their amount; see `cielr/actions/change.py`. */
const CANONICAL = /^(colour(?= )|brighten|darken|blur|desaturate) (.+?) *(?:%|px)?$/
const UNKNOWN = { tint: "#ffc145", words: {}, about: {}, fields: [] }

/** What is known of a kind of action. */
export const kindOf = kind => ACTIONS[kind] ?? UNKNOWN

/** The colour of a kind of action, in the list and in the picture. */
export const colourOf = kind => kindOf(kind).tint

/** An action as plain words. */
export function sentence(action) {
    return parts(action).map(part => part.id ?? part).join("")
}

/** A plan as plain words: its summary and a line for each action. */
export function planWords(view) {
    const lines = view.summary ? [view.summary] : []
    if (view.why) lines.push(text("why", { w: view.why }))
    view.actions.forEach((action, index) => {
        lines.push(`${index + 1}. ${sentence(action)}`)
        if (action.reason) lines.push(`   ${action.reason}`)
    })
    return lines.join("\n") || text("noActions")
}

export class PlanView {
    #onLight

    /** `onLight(ids)` is called with the objects of the line that is pointed at. */
    constructor(onLight) {
        this.#onLight = onLight
        this.element = scrolling("div", "cielr-plan", { tabindex: 0 })
        this.show()
    }

    show(view) {
        const { summary, why, actions } = view ?? {}
        this.words = actions ? planWords(view) : ""
        if (!actions) return this.element.replaceChildren(empty("emptyPlan"))
        const parts = summary ? [el("p", "cielr-summary", { text: summary })] : []
        if (why) parts.push(el("p", "cielr-summary cielr-why", { text: text("why", { w: why }) }))
        const lines = actions.map(action => this.#line(action))
        this.element.replaceChildren(...parts, lines.length ? el("ol", "cielr-actions", {}, ...lines) : empty("noActions"))
        this.element.scrollTop = 0
    }

    #line(action) {
        const line = lineOf(action)
        line.tabIndex = 0
        onPoint(line, () => this.#onLight([...action.objects, ...action.anchors]), () => this.#onLight([]))
        return line
    }
}

/** An action as an item of a list: its words and its reason. */
export function lineOf(action) {
    const line = el("li", "", { "data-kind": action.kind }, wordsOf(action))
    if (action.reason) line.append(el("span", "cielr-reason", { text: action.reason }))
    line.style.setProperty("--cielr-kind", colourOf(action.kind))
    return line
}

/** The words of an action as an element, ids set off. */
export function wordsOf(action) {
    const words = el("span", "cielr-action")
    for (const part of parts(action))
        words.append(part.id ? el("span", "cielr-id", { text: part.id, "data-id": part.id }) : part)
    return words
}

/** The words of an action, ids apart. */
function parts(action) {
    const { words, about, fields } = kindOf(action.kind)
    const value = fields.map(({ name, type }) => type === "text" && CANONICAL.exec(action[name])).find(Boolean)
    if (value && action.kind !== "add" && action.kind !== "replace") {
        const [, verb, amount] = value
        const pattern = verb === "colour" && action.kind === "background" ? "flat" : verb
        const of = action.objects.length ? named(action.objects) : [inLanguage(about)]
        return filled(inLanguage(CHANGES[pattern]), { about: of, amount: [amount] })
    }
    const pieces = Object.fromEntries(fields.map(field => [field.name, piece(action, field)]))
    // where fields differ from their defaults there may be words of their own for it
    const differs = ({ name, ...field }) => "default" in field && (action[name] ?? field.default) !== field.default
    const differing = fields.filter(differs).map(field => field.name).join("+")
    const pattern = words[`en.${differing}`] ? { en: words[`en.${differing}`], zh: words[`zh.${differing}`] } : words
    return filled(inLanguage(pattern) ?? action.kind, pieces)
}

/** The words of one field. */
function piece(action, { name, type }) {
    if (type === "ids") return named(action[name] ?? action.objects)
    if (type === "place") return place(action)
    if (name === "scale") return [`${Math.round((action.scale ?? 1) * 1000) / 10} %`]
    if (type === "choice") return [String(action[name] ?? "").replace(/_/g, " ")]
    return [String(action[name] ?? "…") || "…"]
}

function place(action) {
    const { relation, x = 0, y = 0 } = action.place ?? {}
    if (!relation) return [""]
    const shown = value => (relation === "at" ? String(Math.round(value * 100)) : signed(Math.round(value)))
    return filled(text(relation), { x: [shown(x)], y: [shown(y)], a: named(action.anchors) })
}

function filled(pattern, pieces) {
    return pattern
        .split(/(\{\w+\})/)
        .flatMap(piece => pieces[/^\{(\w+)\}$/.exec(piece)?.[1]] ?? [piece])
        .filter(piece => piece !== "")
}

const named = ids => ids.flatMap((id, at) => (at ? [divider(ids, at), { id }] : [{ id }]))
const signed = value => (value > 0 ? "+" : "") + String(value).replace("-", "−")
