"""ComfyUI's door to CIELR. Everything behind it is imported when ComfyUI asks for the nodes, not before."""

WEB_DIRECTORY = "./web"


async def comfy_entrypoint():
    from .nodes import CielrExtension

    return CielrExtension()
