// Small helpers for elements that live on a node.
import { app } from "/scripts/app.js"
import { text } from "./texts.js"

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

/** An element whose content scrolls inside it. */
export function scrolling(tag, name, properties = {}, ...children) {
    return el(tag, `cielr-scrolls ${name}`, { "data-capture-wheel": "true", ...properties }, ...children)
}

/** What stands where there is nothing to show, by the name of its text. */
export const empty = name => el("p", "cielr-empty", { text: text(name) })

/** A list to choose one of: `values` [[value, words], …]; `onChoose(value)`. */
export function select(values, chosen, onChoose, properties = {}) {
    const options = values.map(([value, words]) => el("option", "", { value, text: words }))
    const list = el("select", "cielr-input", properties, ...options)
    list.value = chosen
    list.addEventListener("change", () => onChoose(list.value))
    return list
}

/** Calls `enter` and `leave` as the pointer or the focus comes to an element and goes. */
export function onPoint(element, enter, leave) {
    for (const kind of ["pointerenter", "focus"]) element.addEventListener(kind, enter)
    for (const kind of ["pointerleave", "blur"]) element.addEventListener(kind, leave)
}

/** Whether a key comes alone: with others it is a command of ComfyUI's. */
export const isPlain = event => !event.ctrlKey && !event.metaKey && !event.altKey

/** Keeps what happens inside an element away from the graph: drags, and the keys that it uses itself. */
export function keepInside(element) {
    element.addEventListener("pointerdown", event => event.button === 0 && event.stopPropagation())
    element.addEventListener("keydown", event => isPlain(event) && event.stopPropagation())
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
        app.canvas?.canvas?.dispatchEvent(new WheelEvent("wheel", event))
    }, { passive: false })
}

/** The stylesheet beside these modules; once a page. */
export function addStyles() {
    document.head.append(el("link", "", { rel: "stylesheet", href: new URL("./cielr.css", import.meta.url).href }))
}
