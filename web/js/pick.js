// A click on a thing of a picture puts its id where it is being spoken of: the answer to a question, the action of a plan
// that is open, the instruction.
import { isLinked, readers, setWidget, widgetOf } from "./graph.js"
import { text } from "./texts.js"

/** Words in an instruction that stand for what is clicked next. */
const CLICKED = /\b(?:the (?:thing|object|one) (?:that |which )?I (?:clicked|click)(?: on)?|what I clicked(?: on)?)\b|我点(?:的|选的|中的)(?:那个|东西)?/i
/** In this order: whoever asks, then whoever is being corrected, then the instruction. */
const TAKERS = ["takeAnswer", "takeObject", "takeWords"]

/** Gives the id of a thing on a node's picture to the one that waits for it; what became of it in words. */
export function pick(node, id, panelOf) {
    const panels = [node, ...after(node)].map(panelOf).filter(Boolean)
    for (const taker of TAKERS)
        for (const panel of panels) {
            const words = panel[taker](id)
            if (words) return words
        }
    return text("pickedNowhere", { o: id })
}

/** The nodes that follow, nearest first. */
function after(node) {
    const seen = [node]
    for (const before of seen)
        for (const output of (before.outputs ?? []).keys())
            for (const { target } of readers(before, output)) if (target && !seen.includes(target)) seen.push(target)
    return seen.slice(1)
}

/** The instruction with the id in the place of "the thing I clicked", of what is selected, or at the cursor. */
function withId(words, id, cursor) {
    if (CLICKED.test(words)) return words.replace(CLICKED, () => id)
    const [from, to] = cursor ?? [words.length, words.length]
    const head = words.slice(0, from)
    const tail = words.slice(to)
    const before = head && !/\s$/.test(head) ? " " : ""
    const behind = tail && !/^[\s.,;:!?，。；：！？]/.test(tail) ? " " : ""
    return `${head}${before}${id}${behind}${tail}`
}

/** Puts an id into a text of a node; what became of it, or "" where the node has no such text of its own. */
export function intoWidget(node, name, id) {
    const widget = widgetOf(node, name)
    if (!widget || isLinked(node, name)) return ""
    const box = widget.element ?? widget.inputEl
    // where nobody has been in it, its cursor stands at the start
    const touched = box?.tagName === "TEXTAREA" && box.selectionEnd > 0
    const words = String(widget.value ?? "")
    setWidget(node, name, withId(words, id, touched ? [box.selectionStart, box.selectionEnd] : undefined))
    return text("pickedWords", { o: id })
}
