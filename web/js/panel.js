// What lies on one node: the picture, and beneath it pages to choose from, each with a Copy button.
import { app } from "/scripts/app.js"
import { AllowHost } from "./allow_host.js"
import { CompareView } from "./compare_view.js"
import { button, el, keepInside, scrolling, shareWheel } from "./dom.js"
import { editHere, editPlan } from "./edit_plan.js"
import { chain, giverOf, inOneStep, lastOutput, setWidget, widgetOf } from "./graph.js"
import { ObjectsView } from "./objects_view.js"
import { Pager } from "./pager.js"
import { Pages } from "./pages.js"
import { intoWidget } from "./pick.js"
import { PlanForm } from "./plan_form.js"
import { PlanView } from "./plan_view.js"
import { QuestionView } from "./question_view.js"
import { SceneView } from "./scene_view.js"
import { StepsView } from "./steps_view.js"
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
    /** The page of what is told of a run. */
    #trace
    /** Whether the steps were turned to while they happen, in the place of the plan. */
    #switched = false
    /** What was borrowed from the node before: a scene, or the picture under an own one. */
    #lent

    constructor(node, layout) {
        this.#node = node
        this.#layout = layout
        this.element = el("div", `cielr cielr-panel${layout.pages.length > 1 ? "" : " cielr-bare"}`)
        this.element.style.minHeight = `${layout.height}px`
        if (layout.picture) this.#addPicture()
        if (layout.compare) this.#addCompare()
        this.said = scrolling("p", "cielr-said", { role: "status", hidden: true })
        this.allow = new AllowHost(why => this.#say(why, "bad"))
        this.element.append(this.said, keepInside(this.allow.element))
        this.#addPages()
        shareWheel(this.element)
    }

    /**
     * What the node put out in a run: {cielr: [{views}], text: […], said: […], waits: [whether it holds the run],
     * question: [{text, choices, instruction}]}; or {failed: [why]}; `old`: [true] where it is from an earlier run.
     */
    show(output) {
        this.allow.ask(output.host?.[0])
        if (output.failed) return this.fail(output.failed[0])
        const fresh = output.cielr?.[0]?.views ?? []
        this.#take(fresh)
        this.#empty = false
        if (output.old?.[0]) this.setAside()
        this.#trace?.show((output.text ?? []).join("\n\n"))
        const waits = this.goOn && output.waits?.[0]
        this.#say((output.said ?? []).join(" "), waits ? "waits" : "")
        if (this.goOn) this.goOn.hidden = !waits
        this.#showView()
        if (this.steps) {
            this.steps.end(toldLines(fresh))
            if (this.#switched) this.pages.turnTo("plan")
            this.#switched = false
        }
        const [asked] = output.question ?? []
        if (asked) this.question?.ask(asked)
    }

    /** The run ended here, and the sentence says why: what an earlier run gave is gone, as it is about something else. */
    fail(words) {
        this.#take([])
        this.#empty = true
        this.#trace?.show("")
        if (this.goOn) this.goOn.hidden = true
        this.#say(words, "bad")
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
        const typed = widgetOf(this.#node, "text")?.value
        if (this.form && typed?.trim()) this.form.show(typed)
    }

    /** Its node begins to work. */
    start() {
        this.allow.ask()
        this.steps?.clear()
        this.question?.forget()
        this.#say("")
    }

    /** A message of the server on what goes on. */
    hear({ kind, text: words, topic }) {
        if (kind === "host") this.allow.ask(words)
        if (kind !== "step") return
        if (!this.steps) return this.#say(words)
        this.steps.add(words, topic)
        if (this.pages.name !== "plan") return
        this.pages.turnTo("steps")
        this.#switched = true
    }

    /** A thing was clicked somewhere before: it answers what is asked here. What became of it, or "". */
    takeAnswer(id) {
        return this.question?.take(id) ?? ""
    }

    /** It goes into the action that is open here, or out of it. */
    takeObject(id) {
        return this.form?.toggle(id) ?? ""
    }

    /** It goes into the instruction. */
    takeWords(id) {
        return intoWidget(this.#node, "instruction", id)
    }

    /** The machine that the run would have sent things to, and stopped before; "" for none. */
    get askedHost() {
        return this.allow.host
    }

    /** The instruction reads so now. */
    askAbout(instruction) {
        this.question?.askAbout(instruction)
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
        const views = Object.fromEntries(pages.map(name => [name, this.#makePage(name)]))
        this.#trace = views.trace
        this.pages = new Pages(views, () => (this.#switched = false), this.roomier)
        const { bar, body } = this.pages
        if (this.steps) {
            // while something is asked, the picture makes room for all of the question
            this.question = new QuestionView(this.#node, on => this.element.classList.toggle("cielr-asking", on))
            body.append(this.question.element)
        }
        if (this.compare) this.element.append(el("div", "cielr-bare cielr-page", {}, bar, body))
        else this.element.append(bar, body)
        if (edit) this.#addFoot(edit)
    }

    #addFoot(edit) {
        const here = edit === editHere
        const change = button(text(here ? "editHere" : "edit"), "cielr-edit", () => {
            const view = this.#views[this.#at]
            if (view?.plan) this.note.textContent = edit(this.#node, view.plan, this.#views.length)
        }, { title: text(here ? "editHereHint" : "editHint") })
        this.note = el("span", "cielr-note", { role: "status" })
        this.foot = keepInside(el("div", "cielr-bar cielr-foot", { hidden: true }, this.note, change))
        if (here) {
            this.goOn = button(text("goOn"), "cielr-main cielr-go", () => app.queuePrompt(0), { hidden: true })
            this.foot.append(this.goOn)
        }
        this.element.append(this.foot)
    }

    #makePage(name) {
        const light = ids => this.scene?.light(ids)
        if (name === "plan") return new PlanView(light)
        if (name === "form") return this.#makeForm()
        if (name === "steps") return (this.steps = new StepsView())
        if (name !== "objects") return new TextView(name)
        const objects = new ObjectsView(light)
        this.scene?.onHold(thing => objects.mark(thing))
        return objects
    }

    /** The plan to be corrected: the last that ran, or what was typed since. */
    #makeForm() {
        const views = () => lastOutput(giverOf(this.#node, "scene"))?.cielr?.[0]?.views ?? []
        const ids = () => [...new Set(views().flatMap(view => view.objects ?? []).map(thing => thing.id))]
        this.form = new PlanForm(json => (this.note.textContent = editHere(this.#node, json, this.#views.length)), ids)
        const typed = widgetOf(this.#node, "text")
        if (typed) chain(typed, "callback", () => this.form.show(typed.value))
        return this.form
    }

    /** Other views take the place of what was there. */
    #take(views) {
        this.question?.forget()
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
        this.pages.show(view)
        if (!this.foot) return
        this.foot.hidden = !view?.plan
        this.note.textContent = ""
    }

    /** `tone`: "bad" for what went wrong, "waits" where the run goes on when it is told to. */
    #say(words, tone = "") {
        this.said.textContent = words
        this.said.hidden = !words
        for (const each of ["bad", "waits"]) this.said.classList.toggle(`cielr-${each}`, each === tone)
        this.element.classList.toggle("cielr-failing", tone === "bad")
    }

    get #choice() {
        return String(widgetOf(this.#node, "choice")?.value ?? "")
    }

    /** Another variant of a region is kept from the next run on. */
    #choose(look, number) {
        const isBatch = this.#views.length > 1
        const choice = withChoice(this.#choice, look, number, isBatch)
        inOneStep(this.#node.graph, () => setWidget(this.#node, "choice", choice))
        this.variants.show(this.#views[this.#at].variants, choice)
        this.compare.lay(look.pictures[number], look.box)
    }
}
