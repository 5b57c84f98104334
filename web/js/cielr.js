// CIELR on the nodes: scenes, plans, steps and texts. Everything is drawn in elements of our own, on our own nodes.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"
import { watch } from "./answers.js"
import { addStyles } from "./dom.js"
import {
    NORMAL, chain, giverOf, keepOutput, lastOutput, nodeOf, nodesByExecutionId, subgraphNodes, widgetOf,
} from "./graph.js"
import { LAYOUTS, Panel } from "./panel.js"
import { bringPhotos } from "./photos.js"
import { pick } from "./pick.js"
import { recall } from "./recall.js"
import { brief, hostLayout, hostsAround, hostsOf, reasonIn } from "./subgraphs.js"

const panels = new WeakMap()
const nodes = new WeakMap()
/** Panels that were cleared for this run, those of nodes that began to work in it, and of those that told what came of it. */
const cleared = new Set()
const begun = new Set()
const reported = new Set()
/** Of removed nodes, by kind and id: weak references to their elements. */
const left = new Map()
/** Above and below an element on a node, in the canvas front end. */
const MARGIN = 10

app.registerExtension({
    name: "cielr.view",

    setup() {
        addStyles()
        let runs = 0
        let cached = []
        api.addEventListener("cielr.event", ({ detail }) => panelOf(detail.node)?.hear(detail))
        api.addEventListener("execution_start", () => {
            runs++
            cached = []
            for (const panelsOfRun of [cleared, begun, reported]) panelsOfRun.clear()
        })
        api.addEventListener("executing", ({ detail }) => {
            const id = typeof detail === "object" ? detail?.node : detail
            if (id == null) return
            for (const host of hostsAround(id)) begin(panels.get(host))
            const worker = panelOf(id)
            if (!worker) return
            begun.add(worker)
            begin(worker)
            worker.lend(viewsBefore(nodeOf(id)))
        })
        // comes for cached nodes as well
        api.addEventListener("executed", ({ detail }) => {
            const output = detail.output
            const id = detail.display_node ?? detail.node
            const shown = panelOf(id)
            if (!shown || !(output?.cielr || output?.text)) return
            // a cached run may be over before the front end knows that it began, and then it keeps nothing for undo
            keepOutput(nodeOf(id), output)
            shown.show(output)
            reported.add(shown)
            showOnHosts(id, output)
            lendAll()
        })
        api.addEventListener("execution_cached", ({ detail }) => (cached = detail.nodes ?? []))
        const end = ({ type, detail }) => {
            // from the cache, or told to this page before it was loaded anew
            const untold = [...nodesByExecutionId()].filter(([, node]) => {
                const panel = panels.get(node)
                return panel && !reported.has(panel) && (panel.isEmpty || panel.isOld) && !panel.hasFailed
            })
            if (type !== "execution_success") breakOff(type, detail, cached)
            // what began and told nothing was held up by a node before it
            for (const panel of begun) if (!reported.has(panel)) setAside(panel)
            cached = []
            lendAll()
            if (!untold.length) return
            const run = runs
            const then = outputs => {
                // the server may take longer to remember than the next run takes to fail
                showAll(outputs, run !== runs)
                lendAll()
            }
            recall(detail.prompt_id, untold.map(([id, node]) => [id, node.comfyClass])).then(then, () => {})
        }
        for (const kind of ["execution_success", "execution_error", "execution_interrupted"]) api.addEventListener(kind, end)
    },

    nodeCreated(node) {
        const layout = LAYOUTS[node.comfyClass] ?? hostLayout(node)
        if (!layout) return
        const panel = new Panel(node, layout)
        nodes.set(panel, node)
        panel.onTurn = lendAll
        panel.onPick = id => pick(node, id, other => panels.get(other))
        const place = () => {
            const widget = node.addDOMWidget("cielr_view", "CIELR_VIEW", panel.element, {
                // neither in the prompt
                serialize: false,
                hideOnZoom: false,
                getMinHeight: () => layout.height + 2 * MARGIN,
            })
            // nor in the workflow
            widget.serialize = false
        }
        // a subgraph gets its widgets when it is configured, and ours comes after them
        if (node.subgraph) queueMicrotask(place)
        else place()
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
        if (layout.compare) hideWidget(widgetOf(node, "choice"))
        // what was saved has a size of its own, which comes afterwards
        if (layout.size) node.setSize(layout.size.map((side, way) => Math.max(side, node.size[way])))
    },

    afterConfigureGraph() {
        // a server that is older than this page, or gone, has none
        bringPhotos().catch(() => {})
    },

    loadedGraphNode(node) {
        const panel = panels.get(node)
        if (!panel) return
        panel.loaded()
        restore(node, panel)
    },
})

const panelOf = id => panels.get(nodeOf(id))

/** Clears a panel, once a run: the parts of a node, and the nodes in a subgraph, begin one after the other. */
function begin(panel) {
    if (!panel || cleared.has(panel)) return
    cleared.add(panel)
    panel.start()
}

/** What the node shows that a node's scene comes from. */
const viewsBefore = node => panels.get(giverOf(node, "scene"))?.views ?? []

/** What failed shows the scene that it failed on, and a scene without a picture that of the node before. */
function lendAll() {
    for (const [, node] of nodesByExecutionId()) {
        const panel = panels.get(node)
        if (panel?.hasFailed) panel.lend(viewsBefore(node))
        panel?.borrow(viewsBefore(node))
    }
    for (const host of subgraphNodes()) {
        const panel = panels.get(host)
        if (panel?.hasFailed) panel.lend(viewsBefore(reasonIn(host)))
    }
}

/** What a Reason put out is on the subgraphs around it as well. */
function showOnHosts(id, output) {
    for (const host of hostsOf(id)) {
        keepOutput(host, brief(output))
        panels.get(host)?.show(brief(output))
    }
}

/** A run ended before its end: the node says why, and what others show is from an earlier run unless they ran before. */
function breakOff(type, { node_id: failed, node_type: kind, executed = [], exception_message: why = "" }, cached) {
    const node = nodeOf(failed)
    // the run may be that of another tab
    if (kind && node && (node.comfyClass ?? node.type) !== kind) return
    const panel = panels.get(node)
    if (type === "execution_interrupted") panel?.stop()
    else for (const shower of [node, ...hostsAround(failed)]) sayWhy(shower, why.trim())
    if (!kind) return
    const done = new Set([...cached, ...executed, failed].map(String))
    for (const [id, other] of nodesByExecutionId())
        if (!done.has(id) && other.mode === NORMAL && panels.has(other)) setAsideWithHosts(id)
    if (panel && type === "execution_interrupted") setAsideWithHosts(failed)
}

/** A node failed, or one inside it. */
function sayWhy(node, words) {
    const panel = panels.get(node)
    if (!panel) return
    const { cielr, text, said, waits, question, old, host, ...others } = lastOutput(node) ?? {}
    const asked = panel.askedHost ? { host: [panel.askedHost] } : {}
    keepOutput(node, { ...others, ...asked, failed: [words] })
    panel.fail(words)
}

function setAsideWithHosts(id) {
    for (const node of [nodeOf(id), ...hostsOf(id)]) if (panels.has(node)) setAside(panels.get(node))
}

function setAside(panel) {
    if (panel.isEmpty || panel.hasFailed) return
    const node = nodes.get(panel)
    const output = lastOutput(node)
    if (output && !output.old) keepOutput(node, { ...output, old: [true] })
    panel.setAside()
}

/** Outputs that the server remembers, on nodes that still show none; `isOld`: another run has begun since. */
function showAll(outputs, isOld) {
    for (const [id, remembered] of Object.entries(outputs)) {
        const output = isOld ? { ...remembered, old: [true] } : remembered
        const node = nodeOf(id)
        const panel = panels.get(node)
        if (!panel?.isEmpty && !panel?.isOld) continue
        keepOutput(node, output)
        panel.show(output)
        showOnHosts(id, output)
    }
}

/** After undo, and after a change of tabs: the node is new, and what it put out is back a moment later. */
function restore(node, panel) {
    return [0, 50, 300].map(wait => setTimeout(() => {
        moveIn(node, panel)
        const output = panel.isEmpty && panels.get(node) === panel ? lastOutput(node) : undefined
        if (!(output?.cielr || output?.text || output?.failed)) return
        panel.show(output)
        panel.loaded()
        lendAll()
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
        const core = widgetOf(this, "$$canvas-image-preview")
        if (!core?.hidden) hideWidget(core)
    })
}

function hideWidget(widget) {
    if (!widget) return
    widget.hidden = true
    if (widget.options) widget.options.hidden = true
    // of no height, the gap between widgets included
    widget.computeSize = () => [0, -4]
}
