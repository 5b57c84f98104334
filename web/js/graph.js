// Ways between what the server calls a node and the node on the canvas.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"

/** The mode of a node that is neither muted nor bypassed. */
export const NORMAL = 0

const rootGraph = () => app.rootGraph ?? app.graph?.rootGraph ?? app.graph

/** The node with an execution id: "7", or "12:7" inside the subgraph node 12. */
export function nodeOf(id) {
    let graph = rootGraph()
    let node
    for (const part of String(id).split(":")) {
        node = graph?.getNodeById(part) ?? graph?.getNodeById(Number(part))
        graph = node?.subgraph
    }
    return node
}

/** [execution id, node] of every node, those inside subgraphs as well. */
export function* nodesByExecutionId(graph = rootGraph(), prefix = "") {
    for (const node of graph?._nodes ?? []) {
        const id = `${prefix}${node.id}`
        if (node.subgraph) yield* nodesByExecutionId(node.subgraph, `${id}:`)
        else yield [id, node]
    }
}

/** The nodes that are subgraphs, those inside others as well. */
export function* subgraphNodes(graph = rootGraph()) {
    for (const node of graph?._nodes ?? []) {
        if (!node.subgraph) continue
        yield node
        yield* subgraphNodes(node.subgraph)
    }
}

const locator = node => (node.graph === rootGraph() ? String(node.id) : `${node.graph.id}:${node.id}`)

/** What a node put out in its last run, as the front end keeps it over undo and a change of tabs. */
export const lastOutput = node => (node?.graph ? app.nodeOutputs?.[locator(node)] : undefined)

/** Where the front end keeps what nodes put out: for undo, and for what is shown. */
function outputs() {
    const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker
    if (tracker) tracker.nodeOutputs ??= {}
    return [tracker?.nodeOutputs, app.nodeOutputs].filter(Boolean)
}

/** Lets the front end keep it, over undo as well. */
export function keepOutput(node, output) {
    for (const kept of outputs()) kept[locator(node)] = output
}

/** A new node may have the number of one that is gone, and would show what that one put out. */
export function forgetOutput(node) {
    for (const kept of outputs()) delete kept[locator(node)]
}

const route = file => `/view?${new URLSearchParams(file)}`

/** The address of a file in one of ComfyUI's folders. */
export const fileUrl = file => api.apiURL(route(file))

/** The text of such a file. */
export async function fileText(file) {
    const answer = await api.fetchApi(route(file))
    if (!answer.ok) throw new Error(`The server answers ${answer.status}.`)
    return answer.text()
}

/** Links that leave an output, as {target, slot}. */
export function readers(node, output) {
    const graph = node.graph
    return (node.outputs[output].links ?? [])
        .map(id => graph.getLink?.(id) ?? graph.links?.get?.(id) ?? graph.links?.[id])
        .filter(Boolean)
        .map(link => ({ target: graph.getNodeById(link.target_id), slot: link.target_slot }))
}

/** The node that an input's link comes from. */
export function giverOf(node, input) {
    const slot = node.inputs?.findIndex(socket => socket.name === input) ?? -1
    return slot < 0 ? undefined : node.getInputNode?.(slot)
}

/** Makes a change that one undo takes back. */
export function inOneStep(graph, change) {
    app.canvas?.emitBeforeChange?.()
    graph.beforeChange?.()
    try {
        change()
    } finally {
        graph.afterChange?.()
        app.canvas?.emitAfterChange?.()
    }
}

/** The widget of a node with a name. */
export const widgetOf = (node, name) => node.widgets?.find(widget => widget.name === name)

/** Sets a widget as if the user had. */
export function setWidget(node, name, value) {
    const widget = widgetOf(node, name)
    if (!widget) return
    widget.value = value
    widget.callback?.(value, app.canvas, node)
    node.graph?.setDirtyCanvas(true, true)
}

/** Whether a widget's value comes from a link. */
export const isLinked = (node, name) =>
    (node.inputs ?? []).some(input => input.link != null && (input.widget?.name ?? input.name) === name)

/** Runs `then` after what a method of this one object does. */
export function chain(object, method, then) {
    const old = object[method]
    object[method] = function () {
        const given = old?.apply(this, arguments)
        then.apply(this, arguments)
        return given
    }
}
