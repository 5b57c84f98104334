// A plan as a list that can be corrected: what each action is about, its words, or the whole action gone.
import { button, el, empty, scrolling, select } from "./dom.js"
import { ACTIONS, RELATIONS } from "./actions.js"
import { kindOf, lineOf, planWords, wordsOf } from "./plan_view.js"
import { inLanguage, text } from "./texts.js"

export class PlanForm {
    #plan
    #onChange
    #knownIds
    #open

    /** `onChange(json)` gets the corrected plan; `knownIds()` gives the ids that there are to choose from. */
    constructor(onChange, knownIds) {
        this.#onChange = onChange
        this.#knownIds = knownIds
        this.element = scrolling("div", "cielr-plan", { tabindex: 0 })
        this.show()
    }

    /** A plan as JSON; "" or nothing where there is none. */
    show(json = "") {
        const plan = planIn(json)
        // its own corrections come back to it, and leave the focus where it is
        if (plan && JSON.stringify(plan) === JSON.stringify(this.#plan)) return
        this.#plan = plan
        this.#open = undefined
        this.#draw(json.trim() && !plan ? "noPlan" : "emptyPlan")
    }

    get words() {
        return this.#plan ? planWords({ ...this.#plan, actions: this.#plan.actions.map(viewOf) }) : ""
    }

    #draw(otherwise) {
        if (!this.#plan) return this.element.replaceChildren(empty(otherwise))
        const { summary, actions } = this.#plan
        const { scrollTop } = this.element
        const parts = summary && actions.length ? [el("p", "cielr-summary", { text: summary })] : []
        const lines = actions.map((_, index) => this.#line(index))
        parts.push(lines.length ? el("ol", "cielr-actions", {}, ...lines) : empty("noActions"))
        this.element.replaceChildren(...parts, this.#adder())
        this.element.scrollTop = scrollTop
    }

    #line(index) {
        const isOpen = this.#open === index
        const line = lineOf(viewOf(this.#plan.actions[index]))
        const change = button("✎", "cielr-small", () => {
            this.#open = isOpen ? undefined : index
            this.#draw()
            this.element.querySelectorAll("li")[index]?.querySelector(".cielr-tools button")?.focus()
        }, { "aria-expanded": String(isOpen), "aria-label": text("changeAction"), title: text("changeAction") })
        const drop = button("×", "cielr-small", () => {
            this.#open = undefined
            this.#correct(actions => actions.splice(index, 1))
        }, { "aria-label": text("dropAction"), title: text("dropAction") })
        line.append(el("span", "cielr-tools", {}, change, drop))
        if (isOpen) line.append(this.#fields(index))
        return line
    }

    #fields(index) {
        const action = this.#plan.actions[index]
        const fields = el("div", "cielr-fields")
        for (const field of kindOf(action.kind).fields) {
            if (field.type === "ids") fields.append(this.#targets(index, field.least))
            else if (field.type === "choice") fields.append(this.#choice(index, field))
            else if (field.type === "place") fields.append(this.#place(index, field))
            else fields.append(this.#field(index, field.name, inLanguage(field.titles), field.type))
        }
        if (action.kind !== "remove" || action.prompt) fields.append(this.#field(index, "prompt", text("prompt"), "text"))
        if (this.#plan.actions.length > 1) fields.append(this.#order(index))
        return fields
    }

    /** Buttons that bring an action forward or put it off: the later one sees what the earlier one left. */
    #order(index) {
        const swap = to => () => {
            this.#open = to
            this.#correct(actions => ([actions[index], actions[to]] = [actions[to], actions[index]]), to)
        }
        const last = this.#plan.actions.length - 1
        const sooner = button(text("sooner"), "cielr-small", swap(index - 1), { disabled: index === 0 })
        const later = button(text("later"), "cielr-small", swap(index + 1), { disabled: index === last })
        return el("div", "cielr-bar", {}, sooner, later)
    }

    /** Where something goes: a relation, and the objects or numbers that it takes. */
    #place(index, field) {
        const ids = this.#knownIds()
        const place = this.#plan.actions[index][field.name] ?? middle()
        const set = changes => this.#correct(actions => (actions[index][field.name] = { ...place, ...changes }), index)
        // what needs more objects than there are cannot be meant
        const names = Object.keys(RELATIONS).filter(name => RELATIONS[name] <= Math.max(ids.length, place.anchors?.length ?? 0))
        const turnTo = name => {
            const targets = this.#plan.actions[index].targets ?? []
            const others = [...(place.anchors ?? []), ...ids.filter(id => !targets.includes(id)), ...ids]
            const anchors = [...new Set(others)].slice(0, RELATIONS[name])
            set({ relation: name, anchors, ...(name === "at" ? { x: 0.5, y: 0.5 } : { x: 0, y: 0 }) })
        }
        const relations = names.map(name => [name, name.replaceAll("_", " ")])
        const relation = select(relations, place.relation, turnTo, { "data-field": `${field.name}.relation` })
        const parts = (place.anchors ?? []).map((anchor, at) =>
            select(asThemselves([...new Set([anchor, ...ids])]), anchor, id => set({ anchors: place.anchors.with(at, id) })),
        )
        if (place.relation === "by" || place.relation === "at")
            for (const axis of ["x", "y"]) {
                const input = el("input", "cielr-input", { value: String(place[axis] ?? 0), "aria-label": axis, "data-field": axis })
                input.addEventListener("change", () => {
                    const value = Number(input.value)
                    const isRight = input.value.trim() && Number.isFinite(value) && (place.relation === "by" || (value >= 0 && value <= 1))
                    if (isRight) set({ [axis]: value })
                    else input.value = String(place[axis] ?? 0)
                })
                parts.push(input)
            }
        return el("label", "cielr-place", {}, el("span", "", { text: inLanguage(field.titles) }), relation, ...parts)
    }

    /** Adds an action of a kind at the end, with what its fields take as an example. */
    #adder() {
        const ids = this.#knownIds()
        const kinds = Object.keys(ACTIONS).filter(kind => ACTIONS[kind].fields.every(field => (field.least ?? 0) <= ids.length))
        const add = kind => {
            this.#open = this.#plan.actions.length
            this.#correct(actions => actions.push(blank(kind, ids)))
        }
        const list = select([["", text("addAction")], ...asThemselves(kinds)], "", add, { "aria-label": text("addAction") })
        list.classList.add("cielr-add")
        return list
    }

    #field(index, name, label, type) {
        const now = () => String(this.#plan.actions[index][name] ?? "")
        const input = el("input", "cielr-input", { value: now(), "data-field": name })
        input.addEventListener("change", () => {
            const given = input.value.trim()
            const value = type === "number" ? Number(given) : given
            // only a prompt is written by itself where it is empty
            const isRight = type === "number" ? given && Number.isFinite(value) && (name !== "scale" || value > 0) : value || name === "prompt"
            if (isRight) this.#correct(actions => (actions[index][name] = value || undefined), index, false)
            input.value = now()
            const line = input.closest("li")
            line.querySelector(".cielr-action").replaceWith(wordsOf(viewOf(this.#plan.actions[index])))
            if (!this.#plan.actions[index].reason) line.querySelector(".cielr-reason")?.remove()
        })
        return el("label", "", {}, el("span", "", { text: label }), input)
    }

    #choice(index, { name, titles, choices }) {
        const now = this.#plan.actions[index][name] ?? ""
        const choose = value => this.#correct(actions => (actions[index][name] = value || undefined), index)
        const list = select(asThemselves(["", ...choices]), now, choose, { "data-field": name })
        return el("label", "", {}, el("span", "", { text: inLanguage(titles) }), list)
    }

    /** An object goes into the open action, or out of it; what became of it, or "" where none is open. */
    toggle(id) {
        const action = this.#plan?.actions[this.#open]
        const field = action && kindOf(action.kind).fields.find(field => field.name === "targets")
        if (!field || !this.#knownIds().includes(id)) return ""
        const targets = action.targets ?? []
        const goesOut = targets.includes(id) && targets.length > field.least
        if (goesOut) this.#setTargets(this.#open, without(targets, id))
        else if (!targets.includes(id)) this.#setTargets(this.#open, [...targets, id])
        return text(goesOut ? "pickedOut" : "pickedIn", { o: id, n: this.#open + 1 })
    }

    /** The objects of an action, which needs so many of them at least. */
    #targets(index, least) {
        const targets = this.#plan.actions[index].targets ?? []
        const chips = targets.map(id => {
            const drop = button("×", "cielr-drop", () => this.#setTargets(index, without(targets, id)), {
                "aria-label": `${text("drop")} ${id}`, disabled: targets.length <= least,
            })
            return el("span", "cielr-id", { text: id }, drop)
        })
        const others = this.#knownIds().filter(id => !targets.includes(id))
        const add = id => this.#setTargets(index, [...targets, id])
        const choice = select([["", text("addObject")], ...asThemselves(others)], "", add, { "aria-label": text("addObject") })
        return el("div", "cielr-chips", {}, ...chips, ...(others.length ? [choice] : []))
    }

    #setTargets(index, ids) {
        this.#correct(actions => (actions[index].targets = ids), index)
    }

    #correct(change, at, isDrawn = true) {
        const { actions } = this.#plan
        change(actions)
        // they spoke of what was there before
        delete this.#plan.summary
        delete actions[at]?.reason
        if (isDrawn) this.#draw()
        this.#onChange(JSON.stringify(this.#plan, null, 1))
    }
}

/** Values of a list that are words already. */
const asThemselves = values => values.map(value => [value, value])
const without = (ids, id) => ids.filter(other => other !== id)
const middle = () => ({ relation: "at", anchors: [], x: 0.5, y: 0.5 })

/** An action of a kind as it can stand in a plan, to be corrected. */
function blank(kind, ids) {
    const action = { kind }
    for (const { name, type, least, example, default: given } of ACTIONS[kind].fields) {
        if (type === "ids") action[name] = ids.slice(0, least)
        else if (type === "place") action[name] = middle()
        else if (type === "number") action[name] = Number(example)
        else if (type === "text" && given === undefined) action[name] = example
    }
    return action
}

const isListOrNone = value => value === undefined || Array.isArray(value)

function isAction(action) {
    const place = action?.where ?? action?.to
    return Boolean(ACTIONS[action?.kind]) && isListOrNone(action.targets) && isListOrNone(place?.anchors)
}

function planIn(json) {
    try {
        const plan = JSON.parse(json)
        return Array.isArray(plan?.actions) && plan.actions.every(isAction) ? plan : undefined
    } catch {
        return undefined
    }
}

/** An action of a plan as the server describes it for the list. */
function viewOf(action) {
    const place = action.where ?? (typeof action.to === "object" ? action.to : undefined)
    return { ...action, objects: action.targets ?? [], anchors: place?.anchors ?? [], place }
}
