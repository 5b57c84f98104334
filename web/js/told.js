// What the reasoner asked, found and decided, in words for people; `nodes/internal/steps.py` says what there is to be told.
import { listed, text } from "./texts.js"

const PLAIN = {
    needs: "toldNeeds", again: "toldAgain", last: "toldLast", asks: "toldAsks", plan: "toldPlan", grammar: "toldGrammar",
    passed: "toldPassed",
}

/** Lines for all images of a batch, in the order of time. */
export function toldLines(views) {
    return views.flatMap(({ told = [] }, index) => {
        const head = views.length > 1 && told.length ? [text("toldImage", { n: index + 1 })] : []
        return [...head, ...told.map(toldWords)]
    })
}

function toldWords(step) {
    if (step.kind in PLAIN) return text(PLAIN[step.kind], { w: step.text })
    const head = text(step.within ? "lookedWithin" : LOOKED[step.ask] ?? "lookedDetect", {
        w: listed(step.words), o: listed(step.within ? [step.within] : step.objects),
    })
    const end = step.kind === "failed" ? text("lookFailed", { w: step.text }) : outcome(step)
    return end ? `${head}${text("colon")}${end}` : head
}

const LOOKED = { parts: "lookedParts", describe: "lookedDescribe", relate: "lookedRelate", effects: "lookedEffects" }

function outcome({ ask, found, absent = [], answer }) {
    // broken off before it was known, or nothing that a person would read
    if (!found || ask === "relate") return ""
    const parts = []
    if (found.length && ask !== "describe") parts.push(text("lookFound", { o: listed(found) }))
    if (absent.length) parts.push(text("lookAbsent", { w: listed(absent) }))
    if (answer) parts.push(answer)
    return parts.join(text("semicolon")) || text("lookNothing")
}
