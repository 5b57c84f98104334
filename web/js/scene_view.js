// The picture of a scene: outlines with ids, the plan's targets in the colour of what is to happen to them.
import { el, isPlain } from "./dom.js"
import { fileUrl } from "./graph.js"
import { colourOf } from "./plan_view.js"
import { text } from "./texts.js"
import { hideTip, showTip } from "./tip.js"

const PLAIN = "#f4f4f4"
/** Pixels of the canvas to one of the page: outlines stay sharp when the graph is zoomed in. */
const SHARP = 2

export class SceneView {
    #view
    #picture
    #things = []
    #marks = new Map()
    #anchors = new Set()
    #lit = new Set()
    #held
    #outlines = true
    #frame
    #fit = { scale: 1, x: 0, y: 0 }
    #listeners = new Set()
    #onPick

    constructor() {
        this.canvas = el("canvas", "cielr-canvas", { tabindex: 0, role: "img" })
        this.empty = el("div", "cielr-empty", { text: text("emptyScene") })
        this.element = el("div", "cielr-picture", {}, this.canvas, this.empty)
        this.canvas.addEventListener("pointermove", event => this.#point(event))
        this.canvas.addEventListener("pointerleave", () => this.#hold(undefined))
        this.canvas.addEventListener("blur", () => this.#hold(undefined))
        this.canvas.addEventListener("keydown", event => this.#step(event))
        this.canvas.addEventListener("click", event => {
            this.#point(event)
            this.#pick()
        })
        this.observer = new ResizeObserver(() => this.draw())
        this.observer.observe(this.element)
    }

    /** One view as the server sends it, or undefined for none. */
    show(view) {
        this.#hold(undefined)
        // the line that lit things up may be gone, and will not say that it is left
        this.#lit = new Set()
        this.#view = view
        this.#things = (view?.objects ?? []).map(thing => ({ ...thing, path: pathOf(thing.outlines) }))
        this.#marks = new Map()
        this.#anchors = new Set()
        for (const action of view?.actions ?? []) {
            for (const id of action.objects) if (!this.#marks.has(id)) this.#marks.set(id, colourOf(action.kind))
            for (const id of action.anchors) this.#anchors.add(id)
        }
        this.canvas.setAttribute("aria-label", view ? text("pictureLabel", { n: this.#things.length }) : text("emptyScene"))
        this.canvas.style.visibility = view ? "" : "hidden"
        this.#say(view ? "" : text("emptyScene"))
        this.#load(view?.image)
        this.draw()
    }

    /** Called with the thing under the pointer, or undefined. */
    onHold(listener) {
        this.#listeners.add(listener)
    }

    /** Called with the thing that is clicked, or chosen with Enter. */
    onPick(listener) {
        this.#onPick = listener
    }

    /** Lights up some objects, as a line of the plan asks for. */
    light(ids) {
        this.#lit = new Set(ids)
        this.draw()
    }

    set outlines(on) {
        this.#outlines = on
        this.draw()
    }

    draw() {
        this.#frame ??= requestAnimationFrame(() => {
            this.#frame = undefined
            this.#paint()
        })
    }

    destroy() {
        this.observer.disconnect()
        cancelAnimationFrame(this.#frame)
        hideTip(this)
        this.#listeners.clear()
        this.#load()
    }

    // ------------------------------------------------------------------------------------------------------ parts

    #say(words) {
        this.empty.textContent = words
        this.empty.hidden = !words
    }

    #load(file) {
        if (this.#picture) this.#picture.onload = this.#picture.onerror = null
        this.#picture = undefined
        if (!file) return
        const picture = new Image()
        picture.onload = () => this.draw()
        picture.onerror = () => {
            this.#picture = undefined
            this.#say(text("pictureGone"))
        }
        picture.src = fileUrl(file)
        this.#picture = picture
    }

    #paint() {
        const { clientWidth: width, clientHeight: height } = this.canvas
        if (!width || !height) return
        this.canvas.width = width * SHARP
        this.canvas.height = height * SHARP
        const view = this.#view
        if (!view) return
        const brush = this.canvas.getContext("2d")
        const scale = Math.min(width / view.width, height / view.height)
        this.#fit = { scale, x: (width - view.width * scale) / 2, y: (height - view.height * scale) / 2 }
        const zoom = scale * SHARP
        brush.setTransform(zoom, 0, 0, zoom, this.#fit.x * SHARP, this.#fit.y * SHARP)
        if (this.#picture?.complete && this.#picture.naturalWidth) {
            brush.imageSmoothingQuality = "high"
            brush.drawImage(this.#picture, 0, 0, view.width, view.height)
        } else {
            brush.fillStyle = "#33363b"
            brush.fillRect(0, 0, view.width, view.height)
        }
        if (!this.#outlines && !this.#held && !this.#lit.size) return
        const unit = SHARP / zoom
        this.#shade(brush, view)
        for (const thing of this.#order()) this.#outline(brush, thing, unit)
        if (this.#outlines) this.#arrows(brush, view, unit)
        brush.setTransform(SHARP, 0, 0, SHARP, 0, 0)
        this.#names(brush, width, height)
    }

    /** What the plan leaves alone steps back. */
    #shade(brush, view) {
        if (!this.#marks.size || !this.#outlines) return
        const around = new Path2D()
        around.rect(0, 0, view.width, view.height)
        for (const thing of this.#things) if (this.#marks.has(thing.id)) around.addPath(thing.path)
        brush.fillStyle = "rgba(0, 0, 0, 0.4)"
        brush.fill(around, "evenodd")
    }

    /** Targets over others, and what is pointed at over all. */
    #order() {
        const rank = thing => (this.#isLit(thing) ? 2 : this.#marks.has(thing.id) ? 1 : 0)
        return [...this.#things].sort((a, b) => rank(a) - rank(b) || b.area - a.area)
    }

    #isLit(thing) {
        return thing === this.#held || this.#lit.has(thing.id)
    }

    #outline(brush, thing, unit) {
        const lit = this.#isLit(thing)
        if (!this.#outlines && !lit) return
        const mark = this.#marks.get(thing.id)
        const anchor = this.#anchors.has(thing.id)
        const colour = mark ?? PLAIN
        const bold = mark || lit
        if (bold) {
            brush.globalAlpha = mark && lit ? 0.45 : 0.28
            brush.fillStyle = colour
            brush.fill(thing.path, "evenodd")
        }
        brush.lineJoin = "round"
        brush.globalAlpha = bold || anchor ? 1 : 0.85
        // a dark line under the light one: seen on snow and at night
        brush.setLineDash([])
        brush.strokeStyle = "rgba(0, 0, 0, 0.55)"
        brush.lineWidth = (bold ? 4 : 2.6) * unit
        brush.stroke(thing.path)
        if (anchor && !mark) brush.setLineDash([5 * unit, 3 * unit])
        brush.strokeStyle = colour
        brush.lineWidth = (bold ? 2.2 : 1.1) * unit
        brush.stroke(thing.path)
        brush.setLineDash([])
        brush.globalAlpha = 1
    }

    /** Where things are moved by so many pixels, or to a point. */
    #arrows(brush, view, unit) {
        for (const action of view.actions ?? []) {
            const { relation, x, y } = action.place ?? {}
            if (action.kind !== "move" || (relation !== "by" && relation !== "at")) continue
            for (const thing of this.#things.filter(({ id }) => action.objects.includes(id))) {
                const from = middle(thing)
                const to = relation === "by" ? [from[0] + x, from[1] + y] : [x * view.width, y * view.height]
                arrow(brush, from, to, colourOf("move"), unit)
            }
        }
    }

    /** Ids on small plates; of those that would lie on each other, only the more important ones. */
    #names(brush, width, height) {
        brush.font = "600 10.5px system-ui, sans-serif"
        brush.textBaseline = "middle"
        const taken = []
        for (const thing of this.#order().reverse()) {
            const lit = this.#isLit(thing)
            if (!this.#outlines && !lit) continue
            const mark = this.#marks.get(thing.id)
            const room = (thing.box[2] - thing.box[0]) * this.#fit.scale
            const full = brush.measureText(thing.id).width + 8
            // on small things the number alone, so that the picture is still seen
            const words = mark || lit || full <= room ? thing.id : (/\d+$/.exec(thing.id)?.[0] ?? thing.id)
            const wide = brush.measureText(words).width + 8
            const spot = this.#spots(thing, wide, width, height).find(
                ([x, y]) => taken.every(([ax, ay, aw]) => x + wide <= ax || ax + aw <= x || y + 15 <= ay || ay + 15 <= y),
            )
            if (!spot && !mark && !lit) continue
            const [x, y] = spot ?? this.#spots(thing, wide, width, height)[0]
            taken.push([x, y, wide])
            brush.fillStyle = mark ?? (lit ? PLAIN : "rgba(18, 20, 24, 0.78)")
            brush.beginPath()
            brush.roundRect(x, y, wide, 14, 3)
            brush.fill()
            brush.fillStyle = mark || lit ? "#15171a" : PLAIN
            brush.fillText(words, x + 4, y + 7.5)
        }
    }

    #spots(thing, wide, width, height) {
        const { scale, x, y } = this.#fit
        const [x0, y0, x1, y1] = thing.box.map((value, index) => value * scale + (index % 2 ? y : x))
        const inside = ([left, top]) => [
            Math.min(Math.max(left, 1), width - wide - 1),
            Math.min(Math.max(top, 1), height - 15),
        ]
        const centre = (x0 + x1 - wide) / 2
        return [[centre, y0 - 11], [x0 - 3, y0 - 3], [centre, y1 - 4], [centre, (y0 + y1) / 2 - 7]].map(inside)
    }

    #point(event) {
        const bounds = this.canvas.getBoundingClientRect()
        if (!this.#view || !bounds.width) return
        // the node may be drawn at any zoom
        const zoom = bounds.width / this.canvas.clientWidth
        const x = ((event.clientX - bounds.left) / zoom - this.#fit.x) / this.#fit.scale
        const y = ((event.clientY - bounds.top) / zoom - this.#fit.y) / this.#fit.scale
        const brush = this.canvas.getContext("2d")
        brush.setTransform(1, 0, 0, 1, 0, 0)
        const near = this.#things.filter(thing => brush.isPointInPath(thing.path, x, y, "evenodd"))
        this.#hold(near.sort((a, b) => a.area - b.area)[0])
    }

    #step(event) {
        if (!isPlain(event)) return
        const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
        if (event.key === "Escape" && this.#held) this.#hold(undefined)
        else if (event.key === "Enter" && this.#held) this.#pick()
        else if (way && this.#things.length) {
            const count = this.#things.length
            const at = this.#things.indexOf(this.#held)
            this.#hold(this.#things[at < 0 ? (way > 0 ? 0 : count - 1) : (at + way + count) % count])
        } else return
        event.preventDefault()
        event.stopPropagation()
    }

    #pick() {
        if (this.#held) this.#onPick?.(this.#held)
    }

    #hold(thing) {
        if (thing === this.#held) return
        this.#held = thing
        if (thing) {
            const bounds = this.canvas.getBoundingClientRect()
            const zoom = bounds.width / this.canvas.clientWidth
            const across = value => bounds.left + (value * this.#fit.scale + this.#fit.x) * zoom
            const [x0, y0, x1] = thing.box
            const top = bounds.top + (y0 * this.#fit.scale + this.#fit.y) * zoom
            const place = { left: across(x0), right: across(x1), top }
            showTip(this, thing, place, this.#marks.get(thing.id) ?? PLAIN)
        } else hideTip(this)
        this.canvas.style.cursor = thing ? "pointer" : ""
        for (const listener of this.#listeners) listener(thing)
        this.draw()
    }
}

function pathOf(outlines) {
    const path = new Path2D()
    for (const points of outlines) {
        path.moveTo(points[0], points[1])
        for (let at = 2; at < points.length; at += 2) path.lineTo(points[at], points[at + 1])
        path.closePath()
    }
    return path
}

const middle = thing => [(thing.box[0] + thing.box[2]) / 2, (thing.box[1] + thing.box[3]) / 2]

function arrow(brush, [x0, y0], [x1, y1], colour, unit) {
    const turn = Math.atan2(y1 - y0, x1 - x0)
    const wing = side => [x1 - 8 * unit * Math.cos(turn + side), y1 - 8 * unit * Math.sin(turn + side)]
    for (const [style, wide] of [["rgba(0, 0, 0, 0.6)", 4.5], [colour, 2.2]]) {
        brush.strokeStyle = style
        brush.lineWidth = wide * unit
        brush.lineCap = "round"
        brush.beginPath()
        brush.moveTo(x0, y0)
        brush.lineTo(x1, y1)
        brush.moveTo(...wing(0.5))
        brush.lineTo(x1, y1)
        brush.lineTo(...wing(-0.5))
        brush.stroke()
    }
}
