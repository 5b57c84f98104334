// What lies on one node: the picture, and beneath it pages to choose from, each with a Copy button.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"
import { CompareView } from "./compare_view.js"
import { copyButton } from "./copy.js"
import { button, el, keepInside, shareWheel } from "./dom.js"
import { editHere, editPlan } from "./edit_plan.js"
import { chain, giverOf, inOneStep, isLinked, lastOutput, setWidget } from "./graph.js"
import { ObjectsView } from "./objects_view.js"
import { Pager } from "./pager.js"
import { intoWidget } from "./pick.js"
import { PlanForm } from "./plan_form.js"
import { PlanView, planWords } from "./plan_view.js"
import { SceneView } from "./scene_view.js"
import { QuestionView, StepsView } from "./steps_view.js"
import { text } from "./texts.js"
import { TextView } from "./text_view.js"
import { toldLines } from "./told.js"
import { VariantsView, withChoice } from "./variants_view.js"

/** What each node shows; `height` is the least, in pixels of the graph, and `size` that of a new node. */
export const LAYOUTS = {
    CIELR_SceneParse: { picture: true, pages: ["objects", "scene"], height: 262 },
    CIELR_SceneFromMasks: { picture: true, pages: ["objects", "scene"], height: 262 },
    CIELR_Reason: { picture: true, pages: ["plan", "steps", "trace", "json", "scene"], edit: editPlan, height: 322 },
    CIELR_EditPlan: { pages: ["form", "json"], edit: editHere, height: 150 },
    CIELR_ActionToMask: { pages: ["trace"], height: 64 },
    CIELR_PickRegion: { pages: ["trace"], height: 44 },
    CIELR_EditExecutor: { compare: true, pages: ["trace"], height: 36, size: [300, 500] },
    CIELR_SaveScene: { pages: ["trace"], height: 44 },
    CIELR_SavePlan: { pages: ["trace"], height: 44 },
}

/** How much higher a node becomes that has no room for pictures, in pixels of the graph. */
const PICTURES = 230

export class Panel {
    #node
    #layout
    #views = []
    #empty = true
    #at = 0
    #page
    #pages = {}
    #switched = false
    /** The instruction that something was asked about, and whether something is asked. */
    #about
    #asked = false
    /** What was borrowed from the node before: a scene, or the picture under an own one. */
    #lent

    constructor(node, layout) {
        this.#node = node
        this.#layout = layout
        this.element = el("div", `cielr cielr-panel${layout.pages.length > 1 ? "" : " cielr-bare"}`)
        this.element.style.minHeight = `${layout.height}px`
        if (layout.picture) this.#addPicture()
        if (layout.compare) this.#addCompare()
        this.said = el("p", "cielr-said cielr-scrolls", { role: "status", hidden: true, "data-capture-wheel": "true" })
        this.allow = button("", "cielr-main cielr-allow", () => this.#allow(), { hidden: true })
        this.element.append(this.said, keepInside(this.allow))
        this.#addPages()
        shareWheel(this.element)
    }

    /**
     * What the node put out in a run: {cielr: [{views}], text: […], said: […], waits: [whether it holds the run],
     * question: [{text, choices, instruction}]}; or {failed: [why]}; `old`: [true] where it is from an earlier run.
     */
    show(output) {
        this.#askForHost(output.host?.[0])
        if (output.failed) return this.fail(output.failed[0])
        const fresh = output.cielr?.[0]?.views ?? []
        this.#take(fresh)
        this.#empty = false
        if (output.old?.[0]) this.setAside()
        this.#pages.trace?.view.show((output.text ?? []).join("\n\n"))
        const said = (output.said ?? []).join(" ")
        this.#say(said)
        if (this.goOn) {
            this.goOn.hidden = !output.waits?.[0]
            this.said.classList.toggle("cielr-waits", !this.goOn.hidden)
        }
        this.#showView()
        if (this.steps) {
            this.steps.end(toldLines(fresh))
            if (this.#switched) this.#turnTo("plan")
            this.#switched = false
        }
        const [asked] = output.question ?? []
        if (asked && this.question) this.#ask(asked)
    }

    /** The run ended here, and the sentence says why: what an earlier run gave is gone, as it is about something else. */
    fail(words) {
        this.#take([])
        this.#empty = true
        this.#pages.trace?.view.show("")
        if (this.goOn) this.goOn.hidden = true
        this.#say(words, "cielr-bad")
        this.#showView()
        this.steps?.fail(words)
        this.loaded()
    }

    /** The user ended the run here. */
    stop() {
        this.#say("")
        this.setAside()
        this.steps?.fail(text("stopped"))
    }

    /** What is shown came out of an earlier run. */
    setAside() {
        if (this.#empty) return
        this.element.classList.add("cielr-old")
        this.element.title = text("earlier")
    }

    /** The scene that the node works on, until it has one of its own to show: questions are about what is in it. */
    lend(views) {
        const [view] = views
        if (!this.#empty || !this.scene || !view || this.#lent === view) return
        this.#lent = view
        this.scene.show(view)
        this.over.hidden = false
    }

    /** The pictures of the node before, for scenes that came without one. */
    borrow(views) {
        const view = this.#views[this.#at]
        if (!view || view.image || !this.scene) return
        const lent = views.length === this.#views.length ? views[this.#at] : undefined
        const fits = lent?.image && lent.width === view.width && lent.height === view.height
        if (!fits || this.#lent === lent) return
        this.#lent = lent
        this.scene.show({ ...view, image: lent.image })
    }

    get views() {
        return this.#views
    }

    get isOld() {
        return this.element.classList.contains("cielr-old")
    }

    get hasFailed() {
        return this.said.classList.contains("cielr-bad")
    }

    get isEmpty() {
        return this.#empty
    }

    /** Its node has the values that were saved with it: what was typed may be newer than what ran. */
    loaded() {
        this.variants?.show(this.#views[this.#at]?.variants, this.#choice)
        const typed = this.#typed()?.value
        if (this.form && typed?.trim()) this.form.show(typed)
    }

    /** Its node begins to work. */
    start() {
        this.#askForHost()
        this.steps?.clear()
        this.#forgetQuestion()
        this.#say("")
    }

    /** A message of the server on what goes on. */
    hear({ kind, text: words, topic }) {
        if (kind === "host") this.#askForHost(words)
        if (kind !== "step") return
        if (this.steps) {
            this.steps.add(words, topic)
            if (this.#page === "plan") {
                this.#turnTo("steps")
                this.#switched = true
            }
        } else this.#say(words)
    }

    /** A thing was clicked somewhere before: it answers what is asked here. What became of it, or "". */
    takeAnswer(id) {
        if (!this.#asked || this.question?.element.hidden || isLinked(this.#node, "answer")) return ""
        this.question.put(id)
        return text("pickedAnswer", { o: id })
    }

    /** It goes into the action that is open here, or out of it. */
    takeObject(id) {
        return this.form?.toggle(id) ?? ""
    }

    /** It goes into the instruction. */
    takeWords(id) {
        return intoWidget(this.#node, "instruction", id)
    }

    /** The machine that the run would have sent things to, and stopped before. */
    get askedHost() {
        return this.allow.hidden ? undefined : this.allow.dataset.host
    }

    /** The instruction reads so now: a question about another one is put aside, until that one is back. */
    askAbout(instruction) {
        if (this.#asked) this.#showQuestion(instruction === this.#about || isLinked(this.#node, "instruction"))
    }

    /** The answer was cleared, or is back. */
    sayCleared(on) {
        this.#say(on ? text("answerCleared") : "")
    }

    destroy() {
        this.scene?.destroy()
    }

    // ------------------------------------------------------------------------------------------------------ parts

    #addPicture() {
        this.scene = new SceneView()
        const outlines = button(text("outlines"), "cielr-small", () => {
            const on = outlines.getAttribute("aria-pressed") !== "true"
            outlines.setAttribute("aria-pressed", String(on))
            this.scene.outlines = on
        }, { "aria-pressed": "true", title: text("outlinesHint") })
        this.picked = el("span", "cielr-picked", { role: "status" })
        this.scene.onPick(thing => (this.picked.textContent = this.onPick?.(thing.id) ?? ""))
        this.scene.onHold(thing => thing && (this.picked.textContent = ""))
        this.#addPager(this.scene, this.picked, outlines)
    }

    /** Before and after; a node that is too low for it says where it is. */
    #addCompare() {
        this.compare = new CompareView()
        this.element.classList.replace("cielr-bare", "cielr-comparing")
        this.#addPager(this.compare)
        this.variants = new VariantsView(
            (look, number) => this.#choose(look, number),
            (look, number) => this.compare.lay(look?.pictures[number], look?.box),
        )
        this.element.append(this.variants.element)
        this.roomier = button("◂▸", "cielr-copy cielr-roomier", () => {
            const [width, height] = this.#node.size
            inOneStep(this.#node.graph, () => this.#node.setSize([Math.max(width, 300), height + PICTURES]))
        }, { "aria-label": text("compare"), title: text("compareHint"), hidden: true })
    }

    /** A picture, and in its corner what is done to it: what else lies there comes before or after the pager. */
    #addPager(picture, before = "", after = "") {
        this.pager = new Pager(at => {
            this.#at = at
            this.#showView()
            this.onTurn?.()
        })
        this.over = keepInside(el("div", "cielr-over", { hidden: true }, before, this.pager.element, after))
        picture.element.append(this.over)
        this.element.append(picture.element)
    }

    #addPages() {
        const { pages, edit } = this.#layout
        const light = ids => this.scene?.light(ids)
        for (const name of pages) this.#pages[name] = this.#makePage(name, light)
        this.#page = pages[0]
        this.tabs = el("div", "cielr-tabs", { role: "tablist" })
        if (pages.length > 1)
            for (const name of pages)
                this.tabs.append(button(text(name), "cielr-tab", () => {
                    this.#switched = false
                    this.#turnTo(name)
                }, { role: "tab", "data-page": name }))
        this.tabs.addEventListener("keydown", event => this.#roam(event))
        const copy = copyButton(() => this.#words())
        const bar = keepInside(el("div", "cielr-head", {}, this.tabs, this.roomier ?? "", copy))
        const body = keepInside(el("div", "cielr-body", {}, ...Object.values(this.#pages).map(page => page.view.element)))
        if (pages.includes("steps")) {
            this.question = new QuestionView(words => this.#answer(words))
            body.append(this.question.element)
        }
        if (this.compare) this.element.append(el("div", "cielr-bare cielr-page", {}, bar, body))
        else this.element.append(bar, body)
        if (edit) this.#addFoot(edit)
        this.#turnTo(this.#page)
    }

    #addFoot(edit) {
        const here = edit === editHere
        const change = button(text(here ? "editHere" : "edit"), "cielr-edit", () => {
            const view = this.#views[this.#at]
            if (view?.plan) this.note.textContent = edit(this.#node, view.plan, this.#views.length)
        }, { title: text(here ? "editHereHint" : "editHint") })
        this.change = change
        this.note = el("span", "cielr-note", { role: "status" })
        this.foot = keepInside(el("div", "cielr-bar cielr-foot", { hidden: true }, this.note, change))
        if (here) {
            this.goOn = button(text("goOn"), "cielr-main cielr-go", () => app.queuePrompt(0), { hidden: true })
            this.foot.append(this.goOn)
        }
        this.element.append(this.foot)
    }

    #makePage(name, light) {
        if (name === "plan") return { view: new PlanView(light), words: view => planWords(view) }
        if (name === "form") return { view: this.#makeForm(), words: () => this.form.words }
        if (name === "steps") return { view: (this.steps = new StepsView()), words: () => this.steps.words }
        if (name === "objects") {
            const view = new ObjectsView(light)
            this.scene?.onHold(thing => view.mark(thing))
            return { view, words: view => view.objects.map(thing => `${thing.id}\t${thing.label}`).join("\n") }
        }
        const view = new TextView(`cielr-${name}`)
        return { view, words: () => view.words() }
    }

    /** The plan to be corrected: the last that ran, or what was typed since. */
    #makeForm() {
        const views = () => lastOutput(giverOf(this.#node, "scene"))?.cielr?.[0].views ?? []
        const ids = () => [...new Set(views().flatMap(view => view.objects ?? []).map(thing => thing.id))]
        this.form = new PlanForm(json => (this.note.textContent = editHere(this.#node, json, this.#views.length)), ids)
        const typed = this.#typed()
        if (typed) chain(typed, "callback", () => this.form.show(typed.value))
        return this.form
    }

    #typed() {
        return this.#node.widgets?.find(widget => widget.name === "text")
    }

    /** Other views take the place of what was there. */
    #take(views) {
        this.#forgetQuestion()
        this.#views = views
        this.#at = 0
        this.pager?.reset(views.length)
        this.element.classList.remove("cielr-old")
        this.element.removeAttribute("title")
    }

    #showView() {
        const view = this.#views[this.#at]
        this.#lent = undefined
        this.scene?.show(view)
        this.compare?.show(view)
        this.variants?.show(view?.variants, this.#choice)
        if (this.over) this.over.hidden = !view
        if (this.roomier) this.roomier.hidden = !view
        this.#pages.objects?.view.show(view)
        this.#pages.plan?.view.show(view)
        this.#pages.form?.view.show(view?.plan)
        this.#pages.json?.view.show(view?.plan)
        this.#pages.scene?.view.show(view?.scene)
        if (this.foot) {
            this.foot.hidden = !view?.plan
            this.note.textContent = ""
        }
        this.#read()
    }

    #turnTo(name) {
        this.#page = name
        for (const [key, page] of Object.entries(this.#pages)) page.view.element.hidden = key !== name
        for (const tab of this.tabs.children) {
            const chosen = tab.dataset.page === name
            tab.setAttribute("aria-selected", String(chosen))
            tab.tabIndex = chosen ? 0 : -1
        }
        this.#read()
    }

    #read() {
        this.#pages[this.#page].view.read?.()
    }

    /** Arrow keys go from tab to tab. */
    #roam(event) {
        const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (!way) return
        const tabs = [...this.tabs.children]
        const next = tabs[(tabs.findIndex(tab => tab.tabIndex === 0) + way + tabs.length) % tabs.length]
        next?.click()
        next?.focus()
        event.preventDefault()
    }

    #words() {
        const page = this.#pages[this.#page]
        const view = this.#views[this.#at]
        return view || ["steps", "form"].includes(this.#page) || page.view instanceof TextView ? page.words(view) : ""
    }

    #say(words, name = "") {
        this.said.textContent = words
        this.said.hidden = !words
        this.said.classList.toggle("cielr-bad", name === "cielr-bad")
        this.element.classList.toggle("cielr-failing", name === "cielr-bad")
    }

    get #choice() {
        return String(this.#node.widgets?.find(widget => widget.name === "choice")?.value ?? "")
    }

    /** Another variant of a region is kept from the next run on. */
    #choose(look, number) {
        const isBatch = this.#views.length > 1
        const choice = withChoice(this.#choice, look, number, isBatch)
        inOneStep(this.#node.graph, () => setWidget(this.#node, "choice", choice))
        this.variants.show(this.#views[this.#at].variants, choice)
        this.compare.lay(look.pictures[number], look.box)
    }

    get #instruction() {
        return this.#node.widgets?.find(widget => widget.name === "instruction")?.value
    }

    /** While something is asked, the picture makes room for all of the question. */
    #showQuestion(on) {
        this.element.classList.toggle("cielr-asking", on)
        if (this.question) this.question.element.hidden = !on
    }

    /** A host that nobody has allowed yet: the person at this page may. */
    #askForHost(host = "") {
        this.allow.dataset.host = host
        this.allow.textContent = host && text("allowHost", { h: host })
        this.allow.title = host && text("allowHostHint", { h: host })
        this.allow.hidden = !host
    }

    async #allow() {
        const host = this.allow.dataset.host
        this.allow.disabled = true
        try {
            const headers = { "Content-Type": "application/json" }
            const answer = await api.fetchApi("/cielr/hosts", { method: "POST", headers, body: JSON.stringify({ host }) })
            if (!answer.ok) throw new Error((await answer.json()).error.message)
            this.#askForHost()
            app.queuePrompt(0)
        } catch (error) {
            this.#say(error.message, "cielr-bad")
        } finally {
            this.allow.disabled = false
        }
    }

    #ask({ text: words, choices, instruction }) {
        this.question.ask(words, choices)
        this.#asked = true
        this.#about = instruction
        this.askAbout(this.#instruction)
    }

    #forgetQuestion() {
        this.#asked = false
        this.#showQuestion(false)
    }

    #answer(words) {
        if (isLinked(this.#node, "answer")) return this.question.say(text("answerLinked"))
        setWidget(this.#node, "answer", words)
        this.#forgetQuestion()
        app.queuePrompt(0)
    }
}
