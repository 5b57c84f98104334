// The photos of the bundled workflows come along: a Load Image that names one gets it, where the input folder lacks it.
import { api } from "/scripts/api.js"
import { nodesByExecutionId, setWidget, widgetOf } from "./graph.js"

/** Brings what is missing; a name that is there already is never touched. */
export async function bringPhotos() {
    const lacking = [...nodesByExecutionId()]
        .filter(([, node]) => ["LoadImage", "LoadImageMask"].includes(node.type))
        .map(([, node]) => [node, widgetOf(node, "image")])
        .filter(([, widget]) => widget && !valuesOf(widget).includes(widget.value))
    if (!lacking.length) return
    const own = await api.fetchApi("/cielr/photos").then(answer => (answer.ok ? answer.json() : []))
    for (const [node, widget] of lacking) if (own.includes(widget.value)) await bring(node, widget)
}

const valuesOf = widget => {
    const { values } = widget.options ?? {}
    return (typeof values === "function" ? values() : values) ?? []
}

async function bring(node, widget) {
    const name = widget.value
    const photo = await api.fetchApi(`/cielr/photos/${encodeURIComponent(name)}`)
    if (!photo.ok) return
    const body = new FormData()
    body.append("image", new File([await photo.blob()], name))
    const sent = await api.fetchApi("/upload/image", { method: "POST", body })
    // another file of that name came in between: the server calls ours otherwise
    if (!sent.ok || (await sent.json()).name !== name) return
    const values = valuesOf(widget)
    if (!values.includes(name)) values.push(name)
    // another photo may have been chosen meanwhile
    if (widget.value === name) setWidget(node, "image", name)
}
