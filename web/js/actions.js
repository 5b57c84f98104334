// Made by scripts/make_action_tables.py from cielr/actions: not to be changed by hand.

/** Kind of action -> its colour, its words with its fields in braces, and the fields of its form. */
export const ACTIONS = {
    "remove": {
        "tint": "#ff6b6b",
        "words": {"en": "Remove {targets}", "zh": "移除 {targets}"},
        "about": {},
        "fields": [{"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1}]
    },
    "replace": {
        "tint": "#c792ff",
        "words": {"en": "Replace {targets} with {with}", "zh": "把 {targets} 换成 {with}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {"name": "with", "type": "text", "titles": {"en": "with", "zh": "换成"}, "example": "an orange"}
        ]
    },
    "modify": {
        "tint": "#ffc145",
        "words": {"en": "Change {targets}: {change}", "zh": "修改 {targets}：{change}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {
                "name": "change",
                "type": "text",
                "titles": {"en": "how", "zh": "内容"},
                "example": "made of glass"
            },
            {
                "name": "outline",
                "type": "choice",
                "titles": {"en": "outline", "zh": "轮廓"},
                "choices": ["keep", "free"],
                "default": "keep"
            }
        ]
    },
    "add": {
        "tint": "#5fdc7b",
        "words": {"en": "Add {what} {where}", "zh": "添加 {what}：{where}"},
        "about": {},
        "fields": [
            {"name": "what", "type": "text", "titles": {"en": "what", "zh": "内容"}, "example": "a red apple"},
            {"name": "where", "type": "place", "titles": {"en": "where", "zh": "位置"}},
            {
                "name": "size",
                "type": "choice",
                "titles": {"en": "size", "zh": "大小"},
                "choices": ["tiny", "small", "medium", "large", "same"],
                "default": null
            }
        ]
    },
    "background": {
        "tint": "#ff8fc7",
        "words": {"en": "Change the background: {to}", "zh": "背景变为 {to}"},
        "about": {"en": "the background", "zh": "背景"},
        "fields": [{"name": "to", "type": "text", "titles": {"en": "how", "zh": "内容"}, "example": "a beach at sunset"}]
    },
    "move": {
        "tint": "#4fb3ff",
        "words": {"en": "Move {targets} {to}", "zh": "移动 {targets}：{to}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {"name": "to", "type": "place", "titles": {"en": "where", "zh": "位置"}}
        ]
    },
    "resize": {
        "tint": "#3fd6c4",
        "words": {"en": "Resize {targets} to {scale}", "zh": "把 {targets} 缩放到 {scale}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {"name": "scale", "type": "number", "titles": {"en": "times", "zh": "倍数"}, "example": "1.5"}
        ]
    },
    "turn": {
        "tint": "#7f9cff",
        "words": {
            "en": "Turn {targets} by {degrees}°",
            "en.flip": "Mirror {targets} {flip}",
            "en.degrees+flip": "Mirror {targets} {flip} and turn by {degrees}°",
            "zh": "旋转 {targets} {degrees}°",
            "zh.flip": "镜像 {targets}（{flip}）",
            "zh.degrees+flip": "镜像 {targets}（{flip}）并旋转 {degrees}°"
        },
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {
                "name": "degrees",
                "type": "number",
                "titles": {"en": "degrees", "zh": "角度"},
                "example": "90",
                "default": 0.0
            },
            {
                "name": "flip",
                "type": "choice",
                "titles": {"en": "mirror", "zh": "镜像"},
                "choices": ["left_right", "upside_down"],
                "default": null
            }
        ]
    },
    "swap": {
        "tint": "#62c8e8",
        "words": {"en": "Swap {targets}", "zh": "交换 {targets}"},
        "about": {},
        "fields": [{"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 2}]
    },
    "duplicate": {
        "tint": "#4fd0b0",
        "words": {"en": "Copy {targets} {to}", "zh": "复制 {targets}：{to}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {"name": "to", "type": "place", "titles": {"en": "where", "zh": "位置"}}
        ]
    },
    "extract": {
        "tint": "#e8e27a",
        "words": {"en": "Extract {targets} on {ground} ground", "zh": "抠出 {targets}，底色：{ground}"},
        "about": {},
        "fields": [
            {"name": "targets", "type": "ids", "titles": {"en": "objects", "zh": "物体"}, "least": 1},
            {
                "name": "ground",
                "type": "text",
                "titles": {"en": "ground", "zh": "底色"},
                "example": "transparent",
                "default": "transparent"
            }
        ]
    },
    "global": {
        "tint": "#ff8fc7",
        "words": {"en": "Change the whole picture: {style}", "zh": "整幅画面：{style}"},
        "about": {"en": "the whole picture", "zh": "整幅画面"},
        "fields": [
            {
                "name": "style",
                "type": "text",
                "titles": {"en": "how", "zh": "内容"},
                "example": "a watercolour painting"
            }
        ]
    }
}

/** Changes that need no painter -> their words. */
export const CHANGES = {
    "colour": {"en": "Colour {about} {amount}", "zh": "把 {about} 染成 {amount}"},
    "brighten": {"en": "Brighten {about} by {amount} %", "zh": "把 {about} 提亮 {amount} %"},
    "darken": {"en": "Darken {about} by {amount} %", "zh": "把 {about} 调暗 {amount} %"},
    "desaturate": {"en": "Desaturate {about} by {amount} %", "zh": "把 {about} 的饱和度降低 {amount} %"},
    "blur": {"en": "Blur {about} by {amount} px", "zh": "把 {about} 模糊 {amount} 像素"},
    "flat": {"en": "Make {about} {amount}", "zh": "把{about}变成 {amount}"}
}

/** Relation of a place -> how many objects it is a relation to. */
export const RELATIONS = {
    "by": 0,
    "at": 0,
    "left_of": 1,
    "right_of": 1,
    "above": 1,
    "below": 1,
    "next_to": 1,
    "on": 1,
    "inside": 1,
    "between": 2,
    "in_front_of": 1,
    "behind": 1
}
