// CIELR on the nodes: scenes, plans, steps and texts. Everything is drawn in elements of our own, on our own nodes.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"
import { watch } from "./answers.js"
import { addStyles } from "./dom.js"
import { chain, giverOf, keepOutput, lastOutput, nodeOf } from "./graph.js"
import { LAYOUTS, Panel } from "./panel.js"
import { recall } from "./recall.js"
import { text } from "./texts.js"

const panels = new WeakMap()
/** Of removed nodes, by kind and id: weak references to their elements. */
const left = new Map()
/** Above and below an element on a node, in the canvas front end. */
const MARGIN = 10

app.registerExtension({
    name: "cielr.view",

    setup() {
        addStyles()
        const panel = id => panels.get(nodeOf(id))
        api.addEventListener("cielr.event", ({ detail }) => panel(detail.node)?.hear(detail))
        api.addEventListener("executing", ({ detail }) => {
            const id = typeof detail === "object" ? detail?.node : detail
            if (id == null) return
            panel(id)?.start()
            lendTo(id)
        })
        // comes for cached nodes as well
        api.addEventListener("executed", ({ detail }) => {
            const output = detail.output
            const node = nodeOf(detail.display_node ?? detail.node)
            const shown = node && panels.get(node)
            if (!shown || !(output?.cielr || output?.text)) return
            // a cached run may be over before the front end knows that it began, and then it keeps nothing for undo
            keepOutput(node, output)
            shown.show(output)
        })
        let cached = []
        api.addEventListener("execution_cached", ({ detail }) => (cached = detail.nodes ?? []))
        const end = ({ detail }) => {
            const silent = cached.filter(id => panel(id)?.isEmpty)
            cached = []
            if (!silent.length) return
            const then = outputs => {
                showAll(outputs)
                lendTo(detail.node_id)
            }
            recall(detail.prompt_id, silent).then(then, () => {})
        }
        for (const kind of ["execution_success", "execution_error", "execution_interrupted"]) api.addEventListener(kind, end)
        api.addEventListener("execution_error", ({ detail }) => panel(detail.node_id)?.fail(detail.exception_message.trim()))
        api.addEventListener("execution_interrupted", ({ detail }) => panel(detail.node_id)?.fail(text("stopped")))
    },

    nodeCreated(node) {
        const layout = LAYOUTS[node.comfyClass]
        if (!layout) return
        const panel = new Panel(node, layout)
        const widget = node.addDOMWidget("cielr_view", "CIELR_VIEW", panel.element, {
            // neither in the prompt
            serialize: false,
            hideOnZoom: false,
            getMinHeight: () => layout.height + 2 * MARGIN,
        })
        // nor in the workflow
        widget.serialize = false
        panels.set(node, panel)
        watch(node, panel)
        const timers = restore(node, panel)
        chain(node, "onRemoved", () => {
            timers.forEach(clearTimeout)
            panel.destroy()
            panels.delete(node)
            left.set(`${node.comfyClass} ${node.id}`, new WeakRef(panel.element))
        })
        if (layout.picture) hideCorePicture(node)
    },

    loadedGraphNode(node) {
        const panel = panels.get(node)
        if (!panel) return
        panel.loaded()
        restore(node, panel)
    },
})

/** A node without a scene to show gets that of the node before it. */
function lendTo(id) {
    const node = id == null ? undefined : nodeOf(id)
    const giver = node && giverOf(node, "scene")
    if (giver) panels.get(node)?.lend(panels.get(giver)?.view)
}

/** Outputs of an earlier run, on nodes that still show none. */
function showAll(outputs) {
    for (const [id, output] of Object.entries(outputs)) {
        const node = nodeOf(id)
        const panel = node && panels.get(node)
        if (!panel?.isEmpty) continue
        keepOutput(node, output)
        panel.show(output)
    }
}

/** After undo, and after a change of tabs: the node is new, and what it put out is back a moment later. */
function restore(node, panel) {
    return [0, 50, 300].map(wait => setTimeout(() => {
        moveIn(node, panel)
        const output = panel.isEmpty && panels.get(node) === panel ? lastOutput(node) : undefined
        if (!(output?.cielr || output?.text)) return
        panel.show(output)
        panel.loaded()
    }, wait))
}

/** After undo, Vue nodes keep the place of an element and do not see that its node is a new one. */
function moveIn(node, panel) {
    if (!globalThis.LiteGraph?.vueNodesMode || panel.element.isConnected || panels.get(node) !== panel) return
    const old = left.get(`${node.comfyClass} ${node.id}`)?.deref()
    if (old?.isConnected) old.replaceWith(panel.element)
}

/** Our picture takes the place of ComfyUI's preview of the same image, which would stand under it once more. */
function hideCorePicture(node) {
    node.hideOutputImages = true
    chain(node, "onDrawBackground", function () {
        const core = this.widgets?.find(widget => widget.name === "$$canvas-image-preview")
        if (!core || core.hidden) return
        core.hidden = true
        // of no height, the gap between widgets included
        core.computeSize = () => [0, -4]
    })
}
