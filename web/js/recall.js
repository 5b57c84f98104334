// What nodes put out that this page was not told of: a run in which nothing had to be done is silent about the nodes in
// its middle, and a page that was loaded anew in the middle of a run has missed what was told before. The server
// remembers both.
import { api } from "/scripts/api.js"

const FEW = 12, MANY = 300
/** Runs that are looked through: the newest, and where all of those had nothing to do as well, those before them. */
const PATIENCE = [0, 150, 500, 1500, 4000]
/** Milliseconds: a run may be over a little before it is in the list. */

/**
 * What the nodes with these ids put out, {id: output}, for as many as are remembered: in this run, or, where they came
 * from the cache, in an earlier one with the same node and the same ancestors. `kinds`: id -> the node's class.
 */
export async function recall(promptId, kinds) {
    const newest = await runsUpTo(promptId)
    const run = newest[promptId]
    if (!run) return {}
    const asked = run.prompt[2]
    const cached = new Set(fromCache(run))
    const outputs = {}
    let untold = []
    for (const [id, kind] of kinds) {
        if (asked[id]?.class_type !== kind) continue
        const own = outputOf(run, key => ownerOf(asked, key) === id)
        if (own) outputs[id] = own
        else if (cached.has(id)) untold.push(id)
    }
    const sign = signer()
    const look = runs => {
        for (const id of untold) {
            const output = earlier(runs, asked, id, sign)
            if (output) outputs[id] = output
        }
        untold = untold.filter(id => !outputs[id])
    }
    look(newest)
    if (untold.length && Object.keys(newest).length === FEW) look(await history(MANY))
    return outputs
}

/** The newest runs, {id: run}, as soon as this one is among them. */
async function runsUpTo(promptId) {
    let runs = {}
    for (const wait of PATIENCE) {
        await new Promise(resolve => setTimeout(resolve, wait))
        runs = await history(FEW)
        if (runs[promptId]) break
    }
    return runs
}

async function history(number) {
    const answer = await api.fetchApi(`/history?max_items=${number}`)
    return answer.ok ? answer.json() : {}
}

/** What the same node with the same ancestors put out in the newest run that tells of it. */
function earlier(runs, asked, id, sign) {
    const wanted = sign(asked, id)
    for (const run of Object.values(runs).reverse()) {
        const prompt = run.prompt[2]
        const output = outputOf(run, key => {
            const owner = ownerOf(prompt, key)
            return prompt[owner]?.class_type === asked[id].class_type && sign(prompt, owner) === wanted
        })
        if (output) return output
    }
}

function outputOf({ outputs = {} }, isIts) {
    const key = Object.keys(outputs).find(isIts)
    return key === undefined ? undefined : outputs[key]
}

/** The ids of the nodes that came from the cache in a run. */
const fromCache = ({ status }) =>
    (status?.messages ?? []).flatMap(([kind, data]) => (kind === "execution_cached" ? data?.nodes ?? [] : []))

/** The node of the prompt that an output belongs to: "9.0.0.steps" was told by a node that "9" expanded to. */
function ownerOf(prompt, key) {
    return key in prompt ? key : key.split(".")[0]
}

/**
 * A function of (prompt, id) that gives equal numbers for equal nodes, whatever their ids, with equal nodes before
 * them. Each node is looked at once: what it says of the nodes before it is their numbers, so that a chain costs its
 * length, however often it forks and joins.
 */
export function signer() {
    const numbers = new Map()
    const known = new WeakMap()
    let looked = 0
    function sign(prompt, id) {
        if (!known.has(prompt)) known.set(prompt, new Map())
        const signs = known.get(prompt)
        if (signs.has(id)) return signs.get(id)
        // a circle, which the server would refuse, ends here
        signs.set(id, -1)
        looked++
        const node = prompt[id]
        const inputs = node && Object.keys(node.inputs).sort().map(name => {
            const value = node.inputs[name]
            const isLink = Array.isArray(value) && value.length === 2 && String(value[0]) in prompt
            return isLink ? [name, 1, sign(prompt, String(value[0])), value[1]] : [name, 0, value]
        })
        const words = node ? JSON.stringify([node.class_type, inputs]) : "gone"
        if (!numbers.has(words)) numbers.set(words, numbers.size)
        signs.set(id, numbers.get(words))
        return signs.get(id)
    }
    /** How many nodes were looked at. */
    Object.defineProperty(sign, "looked", { get: () => looked })
    return sign
}
