// A machine that nobody has allowed yet, and that a workflow would send things to: the person at this page may.
import { api } from "/scripts/api.js"
import { app } from "/scripts/app.js"
import { button } from "./dom.js"
import { text } from "./texts.js"

export class AllowHost {
    #host = ""
    #onRefused

    /** `onRefused(words)` is told why the server did not take it. */
    constructor(onRefused) {
        this.#onRefused = onRefused
        this.element = button("", "cielr-main cielr-allow", () => this.#allow(), { hidden: true })
    }

    /** The machine that is asked for, or "". */
    get host() {
        return this.#host
    }

    /** Asks for a machine by its name, or for none. */
    ask(host = "") {
        this.#host = host
        this.element.textContent = host && text("allowHost", { h: host })
        this.element.title = host && text("allowHostHint", { h: host })
        this.element.hidden = !host
    }

    async #allow() {
        this.element.disabled = true
        try {
            const headers = { "Content-Type": "application/json" }
            const body = JSON.stringify({ host: this.#host })
            const answer = await api.fetchApi("/cielr/hosts", { method: "POST", headers, body })
            if (!answer.ok) throw new Error((await answer.json()).error.message)
            this.ask()
            app.queuePrompt(0)
        } catch (error) {
            this.#onRefused(error.message)
        } finally {
            this.element.disabled = false
        }
    }
}
