// Pages of one node to choose from by tabs, with a Copy button for the one that is read.
import { copyButton } from "./copy.js"
import { button, el, keepInside } from "./dom.js"
import { text } from "./texts.js"

/** What of the view that the server sends is on a page; the others are told otherwise. */
const PARTS = {
    objects: view => view,
    plan: view => view,
    form: view => view?.plan,
    json: view => view?.plan,
    scene: view => view?.scene,
}

export class Pages {
    #views
    #name

    /**
     * `views`: name -> a page, which has an `element`, its `words` to copy, `show(part)` and perhaps `read()`.
     * `onChoose()` is called when the user turns to one; `beside`: what stands beside the Copy button.
     */
    constructor(views, onChoose, beside = "") {
        this.#views = views
        const names = Object.keys(views)
        this.tabs = el("div", "cielr-tabs", { role: "tablist" })
        if (names.length > 1) this.tabs.append(...names.map(name => this.#tab(name, onChoose)))
        this.tabs.addEventListener("keydown", event => this.#roam(event))
        const copy = copyButton(() => views[this.#name].words)
        this.bar = keepInside(el("div", "cielr-head", {}, this.tabs, beside, copy))
        this.body = keepInside(el("div", "cielr-body", {}, ...Object.values(views).map(view => view.element)))
        this.turnTo(names[0])
    }

    /** The name of the page that is seen. */
    get name() {
        return this.#name
    }

    /** One view as the server sends it, or undefined for none: each page shows its part. */
    show(view) {
        for (const [name, page] of Object.entries(this.#views)) if (name in PARTS) page.show(PARTS[name](view))
        this.#read()
    }

    turnTo(name) {
        this.#name = name
        for (const [other, view] of Object.entries(this.#views)) view.element.hidden = other !== name
        for (const tab of this.tabs.children) {
            const chosen = tab.dataset.page === name
            tab.setAttribute("aria-selected", String(chosen))
            tab.tabIndex = chosen ? 0 : -1
        }
        this.#read()
    }

    #tab(name, onChoose) {
        const turn = () => {
            onChoose()
            this.turnTo(name)
        }
        return button(text(name), "cielr-tab", turn, { role: "tab", "data-page": name })
    }

    /** What lies on the server is fetched when it is seen. */
    #read() {
        this.#views[this.#name].read?.()
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
}
