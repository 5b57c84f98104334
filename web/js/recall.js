// A run in which nothing had to be done tells nothing of the nodes in its middle. What they show is then taken from
// an earlier run with the same node and the same ancestors, which the server still remembers.
import { api } from "/scripts/api.js"

const RUNS = 12
/** Runs that are looked through. */
const PATIENCE = [0, 150, 500, 1500]
/** Milliseconds: a run may be over a little before it is in the list. */

/** What the nodes with these ids put out when they last ran: {id: output}, for as many as are found. */
export async function recall(promptId, ids) {
    let runs = {}
    for (const wait of PATIENCE) {
        await new Promise(resolve => setTimeout(resolve, wait))
        const answer = await api.fetchApi(`/history?max_items=${RUNS}`)
        if (!answer.ok) return {}
        runs = await answer.json()
        if (runs[promptId]) break
    }
    const asked = runs[promptId]?.prompt?.[2]
    if (!asked) return {}
    const older = Object.values(runs).reverse()
    const found = {}
    for (const id of ids) {
        if (!asked[id]) continue
        const wanted = signature(asked, id)
        for (const { prompt, outputs } of older) {
            const same = Object.keys(outputs).find(key => {
                const owner = ownerOf(prompt[2], key)
                return prompt[2][owner]?.class_type === asked[id].class_type && signature(prompt[2], owner) === wanted
            })
            if (same === undefined) continue
            found[id] = outputs[same]
            break
        }
    }
    return found
}

/** The node of the prompt that an output belongs to: "9.0.0.steps" was told by a node that "9" expanded to. */
function ownerOf(prompt, key) {
    return key in prompt ? key : key.split(".")[0]
}

/** A node with all that flows into it, whatever its number. */
function signature(prompt, id) {
    const node = prompt[id]
    if (!node) return "gone"
    const inputs = Object.keys(node.inputs).sort().map(name => {
        const value = node.inputs[name]
        const isLink = Array.isArray(value) && value.length === 2 && String(value[0]) in prompt
        return [name, isLink ? [signature(prompt, value[0]), value[1]] : value]
    })
    return JSON.stringify([node.class_type, inputs])
}
