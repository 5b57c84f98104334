// Small helpers for elements that live on a node.
import { app } from "/scripts/app.js"

/** An element with a class, properties (`text`, `title`, `on…`, attributes) and children. */
export function el(tag, name, properties = {}, ...children) {
    const made = document.createElement(tag)
    if (name) made.className = name
    for (const [key, value] of Object.entries(properties)) {
        if (key === "text") made.textContent = value
        else if (key.startsWith("on")) made.addEventListener(key.slice(2), value)
        else if (value === true) made.setAttribute(key, "")
        else if (value !== false && value != null) made.setAttribute(key, value)
    }
    made.append(...children)
    return made
}

/** A button that neither drags the node nor takes the keys of the canvas. */
export function button(words, name, onclick, properties = {}) {
    const made = el("button", `cielr-button ${name}`, { type: "button", text: words, ...properties })
    made.addEventListener("click", onclick)
    return made
}

/** Keeps what happens inside an element away from the graph: drags, and the keys that it uses itself. */
export function keepInside(element) {
    element.addEventListener("pointerdown", event => event.button === 0 && event.stopPropagation())
    element.addEventListener("keydown", event => {
        if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation()
    })
    return element
}

/** The wheel scrolls what can scroll, and zooms the graph everywhere else. */
export function shareWheel(root) {
    root.addEventListener("wheel", event => {
        // Vue nodes hand the wheel on themselves
        if (globalThis.LiteGraph?.vueNodesMode) return
        const long = event.target.closest?.(".cielr-scrolls")
        if (long && long.scrollHeight > long.clientHeight + 1 && !event.ctrlKey) return event.stopPropagation()
        event.preventDefault()
        event.stopPropagation()
        const again = new WheelEvent("wheel", event)
        app.canvas?.canvas?.dispatchEvent(again)
    }, { passive: false })
}

let styled = false

/** The stylesheet beside these modules, once a page. */
export function addStyles() {
    const address = new URL("./cielr.css", import.meta.url).href
    if (styled) return
    styled = true
    document.head.append(el("link", "", { rel: "stylesheet", href: address }))
}
