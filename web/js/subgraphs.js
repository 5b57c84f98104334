// A subgraph shows what was understood: the plan of the Reason inside it, without being opened.
import { nodeOf } from "./graph.js"

/** What is shown; the plan is edited on the node that made it. */
const LAYOUT = { picture: true, pages: ["plan", "trace"], height: 322 }
const REASON = "CIELR_Reason"

/** The layout for a node that is a subgraph with a Reason inside. */
export function hostLayout(node) {
    const inside = node.subgraph?._nodes ?? []
    return inside.some(node => node.type === REASON) ? LAYOUT : undefined
}

/** The subgraphs' nodes around the Reason with an execution id, the innermost first. */
export function hostsOf(id) {
    if (nodeOf(id)?.type !== REASON) return []
    const parts = String(id).split(":")
    return parts.slice(1).map((_, place) => nodeOf(parts.slice(0, parts.length - 1 - place).join(":"))).filter(Boolean)
}

/** Of what the Reason put out: what it saw and planned, without ComfyUI's own preview and without buttons to answer. */
export const brief = ({ cielr, text, said, old }) => ({ cielr, text, said, old })
