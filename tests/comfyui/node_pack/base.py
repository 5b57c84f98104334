"""What all nodes of the tests have: the form of a V1 node, from what a class says of its inputs."""

from __future__ import annotations


class Node:
    """`run` gets what is at the inputs; one without RETURN_TYPES shows something and ends a graph."""

    NEEDED: dict = {}
    OPTIONAL: dict = {}
    RETURN_TYPES: tuple = ()
    FUNCTION = "run"
    CATEGORY = "CIELR/tests"

    def __init_subclass__(cls) -> None:
        cls.OUTPUT_NODE = not cls.RETURN_TYPES

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": cls.NEEDED, "optional": cls.OPTIONAL}


class OfAnyType(Node):
    """It takes whatever is linked to it."""

    @classmethod
    def VALIDATE_INPUTS(cls, input_types):
        return True
