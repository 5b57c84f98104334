// A graph can run in part: where a checkpoint is not there, the server leaves out the Save Image that needs it, and
// runs the rest. Only a red outline tells, and as our nodes show something all the same, the run looks like a good one.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"
import { NORMAL, nodeOf, nodesByExecutionId } from "./graph.js"
import { listed, text } from "./texts.js"

const SECONDS = 30
/** What is on show, until its time is over. */
let shown

app.registerExtension({
    name: "cielr.left_out",

    setup() {
        // in a newer front end a panel lists them
        const isListed = () => app.ui?.settings?.getSettingValue?.("Comfy.RightSidePanel.ShowErrorsTab")
        api.addEventListener("promptQueued", () => {
            takeBack()
            const message = isListed() ? undefined : leftOut(Object.entries(app.lastNodeErrors ?? {}))
            if (!message) return
            shown = { severity: "warn", life: SECONDS * 1000, ...message }
            app.extensionManager?.toast?.add(shown)
        })
    },

    // another tab, or another graph in this one
    afterConfigureGraph: takeBack,
})

/** It is about one run, and neither about later ones nor about other graphs. */
function takeBack() {
    if (shown) app.extensionManager?.toast?.remove?.(shown)
    shown = undefined
}

/** {summary, detail} of what a run goes without; undefined where all runs, or nothing does, or no node is ours. */
function leftOut(errors) {
    const without = [...new Set(errors.flatMap(([, error]) => error.dependent_outputs ?? []))]
    const nodes = [...nodesByExecutionId()]
    const isOurs = ([, node]) => node.comfyClass?.startsWith("CIELR_")
    const runs = ([id, node]) => node.mode === NORMAL && node.constructor.nodeData?.output_node && !without.includes(id)
    if (!without.length || !nodes.some(isOurs) || !nodes.some(runs)) return undefined
    const reasons = errors.flatMap(([id, error]) => error.errors.map(reason => `${titleOf(id)}: ${sentence(reason)}`))
    return { summary: text("leftOut", { o: listed(without.map(titleOf)) }), detail: reasons.join("\n") }
}

const titleOf = id => nodeOf(id)?.title ?? id

function sentence({ type, message, details, extra_info: extra }) {
    if (type === "value_not_in_list") return text("notInList", { v: extra?.received_value, i: extra?.input_name })
    return details ? `${message} (${String(details).slice(0, 200)})` : message
}
