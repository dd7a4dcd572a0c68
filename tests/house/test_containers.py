"""The containers, as far as they can be checked without a Docker engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
import yaml

from app.llm.registry import _BY_KEY
from tests.serving import free_port

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_compose_file_follows_the_compose_specification() -> None:
    check = (PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    checked = subprocess.run(check, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_part_of_the_scaled_out_topology_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {"web", "worker", "migrate", "postgres", "chroma", "valkey"}


def test_the_chroma_server_has_the_version_of_the_locked_client(services: dict[str, Any]) -> None:
    locked = re.search(r"^chromadb==(\S+)", (ROOT / "requirements-serve.lock").read_text(), flags=re.MULTILINE)
    assert locked
    assert services["chroma"]["image"] == f"chromadb/chroma:{locked[1]}"


def test_only_the_web_is_reachable_and_only_from_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${ANSWERDESK_PORTS:-8000}:8000"]}


def test_every_provider_key_of_the_registry_is_passed_on(services: dict[str, Any]) -> None:
    assert {entry[0] for entry in _BY_KEY} <= set(services["web"]["environment"])


def test_stores_are_on_the_internal_network_alone(services: dict[str, Any]) -> None:
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["inside"] == {"internal": True}
    assert {name: services[name]["networks"] for name in ("postgres", "chroma", "valkey")} == {
        "postgres": ["inside"],
        "chroma": ["inside"],
        "valkey": ["inside"],
    }


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    text = COMPOSE.read_text()
    assert len(re.findall(r"\$\{POSTGRES_PASSWORD:\?", text)) == len(re.findall(r"\$\{POSTGRES_PASSWORD", text)) == 2
    assert "ANSWERDESK_SECRET_KEY:?" in services["web"]["environment"]["ANSWERDESK_SECRET_KEY"]


def test_the_served_image_has_no_torch_and_no_root() -> None:
    served = (ROOT / "Dockerfile").read_text().rpartition("FROM ")[2]
    assert "USER answerdesk" in served
    assert "pip install" not in served
    packages = (ROOT / "Dockerfile").read_text().split("FROM ")[2]
    assert "requirements-serve.lock" in packages
    assert "torch" not in packages


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    names = {name for line in copied for name in line.split()}
    assert names <= allowed
    assert not [name for name in names if not (ROOT / name).exists()]


@pytest.mark.chroma_server
def test_the_chroma_server_takes_its_configuration_and_no_foreign_page(tmp_path: Path) -> None:
    config = yaml.safe_load(yaml.safe_load(COMPOSE.read_text())["configs"]["chroma"]["content"])
    config |= {"persist_path": str(tmp_path / "data"), "listen_address": "127.0.0.1", "port": free_port()}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    command = (PROGRAMS / "chroma", "run", tmp_path / "config.yaml")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            assert "access-control-allow-origin" not in _heartbeat(config["port"]).headers
        finally:
            server.terminate()


@stamina.retry(on=httpx.TransportError, attempts=60, wait_max=0.5)
def _heartbeat(port: int) -> httpx.Response:
    foreign = {"Origin": "https://elsewhere.example"}
    return httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", headers=foreign).raise_for_status()
