// Puts a plan into an Edit Plan node, between Reason and everything that reads its plan.
import { app } from "/scripts/app.js"
import { NORMAL, forgetOutput, inOneStep, isLinked, readers, setWidget } from "./graph.js"
import { text } from "./texts.js"

const KIND = "CIELR_EditPlan"
/** Room for the text and for the list. */
const SIZE = [360, 480]

/** Where the plan went, in words. The whole change is one step of undo. */
export function editPlan(node, json, images = 1) {
    const graph = node.graph
    const output = node.findOutputSlot("plan")
    const reading = readers(node, output)
    const there = reading.map(reader => reader.target).find(target => (target?.comfyClass ?? target?.type) === KIND)
    if (there && isLinked(there, "text")) return text("linked")
    const made = there ?? globalThis.LiteGraph.createNode(KIND)
    if (!made) return text("noEditNode")
    inOneStep(graph, () => {
        if (!there) {
            graph.add(made)
            forgetOutput(made)
            made.setSize([Math.max(made.size[0], SIZE[0]), Math.max(made.size[1], SIZE[1])])
            made.pos = freePlace(node, made)
        }
        setWidget(made, "text", json)
        // a muted or bypassed one would leave the old plan in force
        made.mode = NORMAL
        if (!there || !made.outputs[0].links?.length) wire(node, output, made, reading)
    })
    app.canvas?.deselectAll?.()
    app.canvas?.select?.(made)
    bringIntoView(made)
    graph.setDirtyCanvas(true, true)
    return images > 1 ? text("editedBatch", { n: images }) : text("edited")
}

/** The plan of an Edit Plan node becomes the text of the same node. */
export function editHere(node, json, images = 1) {
    if (isLinked(node, "text")) return text("linked")
    inOneStep(node.graph, () => setWidget(node, "text", json))
    return images > 1 ? text("editedBatch", { n: images }) : text("editedHere")
}

function wire(node, output, made, reading) {
    node.connect(output, made, made.findInputSlot("plan"))
    const scene = made.findInputSlot("scene")
    if (made.inputs[scene].link == null) node.connect(node.findOutputSlot("scene"), made, scene)
    for (const { target, slot } of reading) {
        if (target === made) continue
        // a new link to an input takes the place of the old one
        if (target) made.connect(0, target, slot)
        // no node: the output of a subgraph
        else node.graph.outputs?.[slot]?.connect?.(made.outputs[0], made)
    }
}

function bringIntoView(node) {
    const canvas = app.canvas
    const [x, y, width, height] = Array.from(node.getBounding())
    const [left, top, wide, tall] = Array.from(canvas?.visible_area ?? [])
    const isSeen = left <= x && top <= y && x + width <= left + wide && y + height <= top + tall
    if (wide && !isSeen) canvas.centerOnNode?.(node)
}

/** To the right of a node, or below it, where nothing lies yet. */
function freePlace(node, made) {
    const [x, y, width, height] = Array.from(node.getBounding())
    const others = node.graph._nodes.filter(node => node !== made).map(node => Array.from(node.getBounding()))
    const wide = made.size[0] + 20
    const tall = made.size[1] + 50
    const title = globalThis.LiteGraph.NODE_TITLE_HEIGHT ?? 30
    const isFree = (left, top) =>
        others.every(([ax, ay, aw, ah]) => left + wide <= ax || ax + aw <= left || top + tall <= ay || ay + ah <= top)
    const candidates = [[x + width + 40, y]]
    for (let row = 0; row < 40; row++) candidates.push([x, y + height + 40 + row * 60])
    const [left, top] = candidates.find(place => isFree(...place)) ?? candidates[1]
    return [left, top + title]
}
