// An answer belongs to a question about one instruction. Where the instruction changes, the answer goes with it, and
// comes back with it; what is loaded, undone, pasted or set by a script is taken as it is.
import { app } from "/scripts/app.js"
import { chain, isLinked, setWidget, widgetOf } from "./graph.js"

/** `watch(node, panel)` keeps the answer of a node to its instruction, and tells its panel of both. */
export function watch(node, panel) {
    const [instruction, answer] = ["instruction", "answer"].map(name => widgetOf(node, name))
    if (!instruction || !answer) return
    let seen = ["", ""]
    /** [instruction, answer] as they were before the answer was cleared. */
    let cleared

    function take() {
        seen = [instruction.value, answer.value]
        cleared = undefined
    }

    function look() {
        if (app.configuringGraph) return take()
        const [before, given] = seen
        const now = instruction.value
        // another answer than was there is an answer to what stands there now
        if (answer.value !== given) return take()
        if (now === before) return
        seen = [now, given]
        panel.askAbout(now)
        if (isLinked(node, "answer")) return
        if (given && before.trim()) {
            seen = [now, ""]
            cleared = [before, given]
            setWidget(node, "answer", "")
            panel.sayCleared(true)
        } else if (!given && cleared?.[0] === now) {
            seen = cleared
            setWidget(node, "answer", cleared[1])
            cleared = undefined
            panel.sayCleared(false)
        }
    }

    take()
    for (const widget of [instruction, answer]) chain(widget, "callback", look)
    chain(node, "onConfigure", take)
    // what sets a value and calls nobody is noticed before it is sent
    const serialize = answer.serializeValue
    answer.serializeValue = function (...given) {
        look()
        return serialize ? serialize.apply(this, given) : answer.value
    }
}
