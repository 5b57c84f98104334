// The question that a language model asks on Reason, and the answer to it.
import { app } from "/scripts/app.js"
import { button, el, scrolling } from "./dom.js"
import { isLinked, setWidget, widgetOf } from "./graph.js"
import { text } from "./texts.js"

export class QuestionView {
    #node
    #onShow
    /** The instruction that something was asked about, and whether something is asked. */
    #about
    #asked = false

    /** `onShow(on)` is called when the question comes and goes. */
    constructor(node, onShow) {
        this.#node = node
        this.#onShow = onShow
        this.question = el("p", "cielr-question")
        this.choices = el("div", "cielr-choices")
        this.input = el("input", "cielr-input", { type: "text", placeholder: text("answerHint"), "aria-label": text("answerHint") })
        this.send = button(text("answer"), "cielr-main cielr-answer", () => this.#answer())
        this.note = el("p", "cielr-note", { role: "status" })
        this.input.addEventListener("keydown", event => {
            if (event.key !== "Enter" || event.isComposing) return
            // with Ctrl it is ComfyUI's own key to run, and would run a second time
            event.preventDefault()
            event.stopPropagation()
            this.#answer()
        })
        this.input.addEventListener("input", () => this.#update())
        const head = el("p", "cielr-asks", { text: text("asks") })
        const bar = el("div", "cielr-bar", {}, this.input, this.send)
        this.element = scrolling(
            "div", "cielr-ask", { role: "group", "aria-label": text("asks"), hidden: true },
            head, this.question, this.choices, bar, this.note,
        )
    }

    /** What the server asks about an instruction. */
    ask({ text: words, choices = [], instruction }) {
        this.question.textContent = words
        this.choices.replaceChildren(
            ...choices.map(choice => button(choice, "cielr-choice", () => this.#put(choice), { "aria-pressed": "false" })),
        )
        this.input.value = ""
        this.note.textContent = ""
        this.#update()
        this.#asked = true
        this.#about = instruction
        this.askAbout(widgetOf(this.#node, "instruction")?.value)
    }

    /** The instruction reads so now: a question about another one is put aside, until that one is back. */
    askAbout(instruction) {
        if (this.#asked) this.#show(instruction === this.#about || isLinked(this.#node, "instruction"))
    }

    forget() {
        this.#asked = false
        this.#show(false)
    }

    /** A thing was clicked: it is the answer, which the user sends. What became of it, or "" where nothing is asked. */
    take(id) {
        if (this.element.hidden || isLinked(this.#node, "answer")) return ""
        this.#put(id)
        return text("pickedAnswer", { o: id })
    }

    #show(on) {
        this.element.hidden = !on
        this.#onShow(on)
    }

    /** An answer, as if it had been typed. */
    #put(words) {
        this.input.value = words
        this.#update()
        this.input.focus()
    }

    #answer() {
        const words = this.input.value.trim()
        if (!words) return this.input.focus()
        if (isLinked(this.#node, "answer")) {
            this.note.textContent = text("answerLinked")
            return
        }
        setWidget(this.#node, "answer", words)
        this.forget()
        app.queuePrompt(0)
    }

    #update() {
        this.send.disabled = !this.input.value.trim()
        for (const choice of this.choices.children)
            choice.setAttribute("aria-pressed", String(choice.textContent === this.input.value))
    }
}
