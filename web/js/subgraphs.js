// A subgraph shows what was understood: the plan of the Reason inside it, without being opened. Where a node in it fails,
// it says why, with the scene that the Reason failed on.
import { nodeOf } from "./graph.js"

/** What is shown; the plan is edited on the node that made it. */
const LAYOUT = { picture: true, pages: ["plan", "trace"], height: 322 }
const REASON = "CIELR_Reason"

/** The layout for a node that is a subgraph with a Reason inside. */
export function hostLayout(node) {
    return reasonIn(node) ? LAYOUT : undefined
}

/** The Reason whose plan a subgraph's node shows. */
export const reasonIn = node => node.subgraph?._nodes.find(node => node.type === REASON)

/** The subgraphs' nodes around the Reason with an execution id, the innermost first. */
export const hostsOf = id => (nodeOf(id)?.type === REASON ? hostsAround(id) : [])

/** The subgraphs' nodes around a node with an execution id, the innermost first. */
export function hostsAround(id) {
    const parts = String(id).split(":")
    return parts.slice(1).map((_, place) => nodeOf(parts.slice(0, parts.length - 1 - place).join(":"))).filter(Boolean)
}

/** Of what the Reason put out: what it saw and planned, without ComfyUI's own preview and without buttons to answer. */
export const brief = ({ cielr, text, said, old }) => ({ cielr, text, said, old })
