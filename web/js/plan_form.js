// A plan as a list that can be corrected: what each action is about, its words, or the whole action gone.
import { button, el } from "./dom.js"
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
        this.element = el("div", "cielr-scrolls cielr-plan", { tabindex: 0, "data-capture-wheel": "true" })
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
        const actions = this.#plan?.actions
        if (!actions?.length) {
            const name = actions ? "noActions" : otherwise
            const more = actions ? [this.#adder()] : []
            this.element.replaceChildren(el("p", "cielr-empty", { text: text(name) }), ...more)
            return
        }
        const summary = this.#plan.summary ? [el("p", "cielr-summary", { text: this.#plan.summary })] : []
        const list = el("ol", "cielr-actions", {}, ...actions.map((_, index) => this.#line(index)))
        const { scrollTop } = this.element
        this.element.replaceChildren(...summary, list, this.#adder())
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
            if (field.type === "ids") fields.append(this.#targets(index, action[field.name] ?? []))
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
        const relation = this.#select(names, place.relation, name => name.replaceAll("_", " "), name => {
            const targets = this.#plan.actions[index].targets ?? []
            const others = [...(place.anchors ?? []), ...ids.filter(id => !targets.includes(id)), ...ids]
            const anchors = [...new Set(others)].slice(0, RELATIONS[name])
            set({ relation: name, anchors, ...(name === "at" ? { x: 0.5, y: 0.5 } : { x: 0, y: 0 }) })
        })
        relation.dataset.field = `${field.name}.relation`
        const parts = (place.anchors ?? []).map((anchor, at) =>
            this.#select([...new Set([anchor, ...ids])], anchor, id => id, id => set({ anchors: place.anchors.with(at, id) })),
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

    #select(values, now, wordsOf, onChange) {
        const options = values.map(value => el("option", "", { value, text: wordsOf(value), selected: value === now }))
        const list = el("select", "cielr-input", {}, ...options)
        list.value = now
        list.addEventListener("change", () => onChange(list.value))
        return list
    }

    /** Adds an action of a kind at the end, with what its fields take as an example. */
    #adder() {
        const ids = this.#knownIds()
        const first = el("option", "", { value: "", text: text("addAction") })
        const kinds = Object.keys(ACTIONS).filter(kind => ACTIONS[kind].fields.every(field => (field.least ?? 0) <= ids.length))
        const list = el("select", "cielr-input cielr-add", { "aria-label": text("addAction") }, first,
            ...kinds.map(kind => el("option", "", { value: kind, text: kind })))
        list.addEventListener("change", () => {
            if (!list.value) return
            this.#open = this.#plan.actions.length
            this.#correct(actions => actions.push(blank(list.value, ids)))
        })
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
        const options = ["", ...choices].map(value => el("option", "", { value, text: value, selected: value === now }))
        const list = el("select", "cielr-input", { "data-field": name }, ...options)
        list.value = now
        list.addEventListener("change", () => this.#correct(actions => (actions[index][name] = list.value || undefined), index))
        return el("label", "", {}, el("span", "", { text: inLanguage(titles) }), list)
    }

    /** An object goes into the open action, or out of it; what became of it, or "" where none is open. */
    toggle(id) {
        const action = this.#plan?.actions[this.#open]
        const takes = action && kindOf(action.kind).fields.some(field => field.name === "targets")
        if (!takes || !this.#knownIds().includes(id)) return ""
        const targets = action.targets ?? []
        const isIn = targets.includes(id)
        const left = isIn ? targets.filter(target => target !== id) : [...targets, id]
        // an action needs an object
        if (left.length) this.#correct(actions => (actions[this.#open].targets = left), this.#open)
        return text(isIn && left.length ? "pickedOut" : "pickedIn", { o: id, n: this.#open + 1 })
    }

    #targets(index, targets) {
        const set = ids => this.#correct(actions => (actions[index].targets = ids), index)
        const chips = targets.map(id => {
            const drop = button("×", "cielr-drop", () => set(targets.filter(target => target !== id)), {
                "aria-label": `${text("drop")} ${id}`, disabled: targets.length < 2,
            })
            return el("span", "cielr-id", { text: id }, drop)
        })
        const others = this.#knownIds().filter(id => !targets.includes(id))
        const first = el("option", "", { value: "", text: text("addObject") })
        const options = others.map(id => el("option", "", { value: id, text: id }))
        const choice = el("select", "cielr-input", { "aria-label": text("addObject") }, first, ...options)
        choice.addEventListener("change", () => choice.value && set([...targets, choice.value]))
        return el("div", "cielr-chips", {}, ...chips, ...(others.length ? [choice] : []))
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

const middle = () => ({ relation: "at", anchors: [], x: 0.5, y: 0.5 })

/** An action of a kind as it can stand in a plan, to be corrected. */
function blank(kind, ids) {
    const action = { kind }
    for (const { name, type, least, example, default: given } of ACTIONS[kind].fields) {
        if (type === "ids") action[name] = ids.slice(0, Math.max(1, least ?? 0))
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
