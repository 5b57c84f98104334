#!/usr/bin/env bash
# Runs tests/comfyui against a real ComfyUI, in a venv of its own that is made once. More arguments go to pytest.
# Looks for a checkout in $COMFYUI_PATH, ~/comfy/ComfyUI, ~/ComfyUI. Of several with ":" between, the first runs all
# tests; the others, which need a .venv of their own, those that are about every version.
set -euo pipefail
cd "$(dirname "$0")/.."

comfy=""
given=${COMFYUI_PATH:-}
for folder in "${given%%:*}" "$HOME/comfy/ComfyUI" "$HOME/ComfyUI"; do
    if [ -n "$folder" ] && [ -f "$folder/main.py" ] && [ -d "$folder/comfy_execution" ]; then
        comfy=$(cd "$folder" && pwd)
        break
    fi
done
if [ -z "$comfy" ]; then
    echo "No ComfyUI found, its tests are skipped: git clone --branch v0.3.64 --depth 1 https://github.com/comfyanonymous/ComfyUI ~/comfy/ComfyUI (or set COMFYUI_PATH)."
    exit 0
fi
case $given in *:*) others=:${given#*:} ;; *) others= ;; esac
export COMFYUI_PATH=$comfy$others

venv=.venv-comfyui
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

# the stamp holds what the venv was made from, so that a change of any of it makes it anew
want=$(cat "$comfy/requirements.txt" requirements.txt tests/constraints.txt scripts/comfyui_test.sh | cksum)
if [ "$(cat "$venv/ready" 2>/dev/null || true)" != "$want" ]; then
    echo "Setting up $venv for $comfy (once; some minutes) ..."
    # pip keeps what fits; only a venv that cannot run is made from nothing
    "$venv/bin/python" -c "" 2>/dev/null || { rm -rf "$venv"; "${PYTHON:-python3}" -m venv "$venv"; }
    rm -f "$venv/ready"
    pip install --constraint tests/constraints.txt torch
    # torch's own dependencies are there already, and another torch must not come with it
    pip install --no-deps torchvision==0.28.0
    # torchaudio is for two audio nodes, the templates are 100 MB of pictures: neither is needed
    grep -vE '^(torch|torchvision|torchaudio|comfyui-workflow-templates)\b *([=<>~!]|$)' "$comfy/requirements.txt" > "$venv/requirements.txt"
    pip install --constraint tests/constraints.txt -r "$venv/requirements.txt" -r requirements.txt requests pytest hypothesis playwright ollama httpx websockets diffusers accelerate segment-anything llguidance jsonschema
    # a newer front end, for tests/comfyui/test_extension.py
    [ -d "$venv/frontend-1.58.1" ] || pip install --no-deps --target "$venv/frontend-1.58.1" comfyui-frontend-package==1.58.1
    if ! "$venv/bin/python" -c "import torchvision" 2>/dev/null; then
        site=$("$venv/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
        cp scripts/torchvision_on_cpu.py "$site/"
        echo "import torchvision_on_cpu" > "$site/torchvision_on_cpu.pth"
    fi
    echo "$want" > "$venv/ready"
fi

exec "$venv/bin/python" -m pytest tests/comfyui -q -rs "$@"
