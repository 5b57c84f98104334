// A Copy button, for pages over https and for those that are not.
import { button } from "./dom.js"
import { text } from "./texts.js"

/** A button that copies what `words()` gives, a string or the promise of one. */
export function copyButton(words) {
    let timer
    const made = button(text("copy"), "cielr-copy", async () => {
        let done = false
        try {
            done = await put(await words())
        } catch {
            // what could not be fetched or written is told below
        }
        clearTimeout(timer)
        made.textContent = text(done ? "copied" : "notCopied")
        made.classList.toggle("cielr-done", done)
        timer = setTimeout(() => {
            made.textContent = text("copy")
            made.classList.remove("cielr-done")
        }, 1400)
    })
    return made
}

async function put(words) {
    if (navigator.clipboard?.writeText) {
        try {
            await navigator.clipboard.writeText(words)
            return true
        } catch {
            // not allowed on this page: the old way may be
        }
    }
    const area = document.createElement("textarea")
    area.value = words
    area.style.cssText = "position:fixed;left:-9999px;top:0"
    const held = document.activeElement
    document.body.append(area)
    area.select()
    const done = document.execCommand("copy")
    area.remove()
    held?.focus?.()
    return done
}
