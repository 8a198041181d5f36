"""The page in a browser: quick, quiet, offline, and the same pictures as the library's."""

import contextlib
import functools
import http.server
import json
import re
import shutil
import statistics
import threading

import numpy as np
import pytest
from PIL import Image

import keras_acai
from keras_acai.datasets import pictures

pytestmark = pytest.mark.once
sync_api = pytest.importorskip("playwright.sync_api")
NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
READ = """canvas => {
  const {width, height} = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const image = copy.getImageData(0, 0, width, height);
  return [height, width, Array.from(image.data)];
}"""
MOVE = """async value => {
  const [slider, main] = [document.querySelector("#alpha"), document.querySelector("main")];
  const start = performance.now();
  const mixed = new Promise(done => main.addEventListener("mixed", done, {once: true}));
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
  await mixed;
  return performance.now() - start;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder):
    """The address of a web server of a folder."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(site):
    with serving(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("Chromium is missing")
    with sync_api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser):
    """A visitor without a cache."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context
    context.close()


def visit(page, address):
    page.goto(address)
    wait_until(page, "document.querySelector('#status').textContent === ''")


def wait_until(page, condition):
    page.wait_for_function(condition, timeout=5000)


@pytest.fixture
def page(context, address):
    """The page once its first pictures are drawn; nothing may be logged or fetched elsewhere."""
    page = context.new_page()
    logged, fetched = [], []
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    visit(page, address)
    yield page
    assert logged == []
    assert [url for url in fetched if not url.startswith((address, f"blob:{address}"))] == []


def pixels(canvas):
    """A canvas as uint8 (height, width)."""
    height, width, values = canvas.evaluate(READ)
    return np.array(values, "uint8").reshape(height, width, 4)[:, :, 0]


def ends_of(page):
    return [pixels(canvas) for canvas in page.locator(".end .picture").all()]


def grey(images):
    return np.clip(np.round((images + 1) * 127.5), 0, 255)


@pytest.mark.parametrize("row, name", enumerate(["acai-mnist", "ae-mnist"]))
def test_pictures_are_those_of_the_library(page, row, name):
    a, b = (end[None, :, :, None] for end in ends_of(page))
    expected = grey(keras_acai.load(name).interpolate(a, b, steps=11)[0, ..., 0])
    strip = pixels(page.locator(".strips canvas").nth(row))
    found = [strip[:, 34 * i : 34 * i + 32].astype(int) for i in range(11)]
    assert np.abs(found - expected).max() <= 2
    for i in (3, 7):
        page.evaluate(MOVE, i / 10)
        mixed = pixels(page.locator(".mixes canvas").nth(row)).astype(int)
        assert np.abs(mixed - expected[i]).max() <= 2


def test_the_critic_is_that_of_the_library(page):
    page.evaluate(MOVE, 0.5)
    page.wait_for_timeout(300)
    mixed = pixels(page.locator(".mixes canvas").nth(0))[None, :, :, None]
    (alpha,) = keras_acai.load("acai-mnist").estimate_alpha(mixed)
    shown = page.locator(".mixes small").nth(0).text_content()
    assert shown == f"critic: {round(100 * float(np.clip(alpha, 0, 0.5)))} % mixed"


def test_the_slider_is_quick(page):
    times = [page.evaluate(MOVE, i / 40) for i in range(41)]
    assert statistics.median(times) < 20  # milliseconds, for both models


def test_upload(page, tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (32, 32)).astype("uint8")
    Image.fromarray(image).save(tmp_path / "a.png")
    upload = page.locator(".end input[type=file]").nth(0)
    upload.set_input_files(tmp_path / "a.png")
    page.wait_for_timeout(500)
    np.testing.assert_array_equal(ends_of(page)[0], image)
    page.locator(".invert").nth(0).click()
    page.wait_for_timeout(300)
    np.testing.assert_array_equal(ends_of(page)[0], 255 - image)
    (tmp_path / "b.png").write_text("no picture")
    upload.set_input_files(tmp_path / "b.png")
    page.wait_for_timeout(300)
    assert "b.png is not a picture" in page.locator("#status").text_content()
    page.locator(".samples button").nth(0).click()
    page.wait_for_timeout(300)
    assert page.locator("#status").text_content() == ""


def test_draw(page):
    page.locator(".draw").nth(1).click()
    box = page.locator("#pad canvas").bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] - 40, steps=5)
    page.mouse.up()
    page.locator("#pad .use").click()
    page.wait_for_timeout(500)
    drawn = ends_of(page)[1]
    assert drawn[16, 15:17].min() > 200 and drawn[:, :8].max() == 0


def test_another_model(page):
    page.locator("#models span").nth(1).click()
    wait_until(page, "document.querySelector('.mixes').textContent.includes('VAE')")
    assert page.locator(".mixes figure").count() == 2


def test_narrow_screens_have_no_sideways_scroll(page):
    for width in (320, 390, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_works_without_a_network(page):
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    page.reload()
    wait_until(page, "document.querySelector('#status').textContent === ''")
    assert page.locator(".strips canvas").count() == 2
    page.context.set_offline(False)


@pytest.mark.parametrize("size", [(900, 700), (700, 900), (700, 700)])
def test_a_large_picture_is_averaged(page, tmp_path, size):
    """As in the library: fine noise becomes grey, and thin strokes stay whole."""
    noise = np.random.default_rng(0).integers(0, 256, size).astype("uint8")
    noise[:, size[1] // 2 :] = 0
    Image.fromarray(noise).save(tmp_path / "a.png")
    page.locator(".end input[type=file]").nth(0).set_input_files(tmp_path / "a.png")
    wait_until(page, "document.querySelectorAll('[aria-pressed=true]').length === 1")
    found = ends_of(page)[0].astype(int)
    expected = pictures.picture(tmp_path / "a.png", (32, 32), 1)[..., 0]
    assert np.abs(found - expected)[:, [*range(14), *range(18, 32)]].max() <= 30


def test_of_two_uploads_the_last_one_counts(page, tmp_path):
    for name, side, grey_level in (("large", 5000, 0), ("small", 40, 200)):
        Image.new("L", (side, side), grey_level).save(tmp_path / f"{name}.png")
        upload = page.locator(".end input[type=file]").nth(0)
        upload.set_input_files(tmp_path / f"{name}.png")
    page.wait_for_timeout(1500)
    assert (ends_of(page)[0] == 200).all()


def test_a_model_that_could_not_be_loaded_can_be_chosen_again(context, address):
    page = context.new_page()
    visit(page, address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.route("**/vae-mnist-*/**", lambda route: route.fulfill(status=404))
    page.locator("#models span").nth(1).click()
    wait_until(page, "document.querySelector('#status').className === 'error'")
    assert "MNIST, VAE could not be loaded: choose it" in page.locator("#status").text_content()
    assert page.locator("#models input").nth(0).is_checked()
    context.unroute("**/vae-mnist-*/**")
    page.locator("#models span").nth(1).click()
    wait_until(page, "document.querySelector('.mixes').textContent.includes('VAE')")


def test_a_page_that_was_built_again(context, site, tmp_path):
    """A visitor who has the old one gets the new one, though its models are gone."""
    shutil.copytree(site, tmp_path / "site")
    facts, worker = (tmp_path / "site" / name for name in ("models.json", "sw.js"))
    page = context.new_page()
    with serving(tmp_path / "site") as address:
        visit(page, address)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_timeout(500)
        content = json.loads(facts.read_text())
        for network in content[0]["networks"]:
            folder = network["folder"]
            (tmp_path / "site" / folder).rename(tmp_path / "site" / f"{folder}-new")
            worker.write_text(worker.read_text().replace(folder, f"{folder}-new"))
            network["folder"] = f"{folder}-new"
        content[0]["title"] = "Newer digits"
        facts.write_text(json.dumps(content))
        worker.write_text(re.sub('PAGE \\+ "[0-9a-f]+"', 'PAGE + "0"', worker.read_text()))
        visit(page, address)
        wait_until(page, "document.querySelector('#models').textContent.includes('Newer')")
        wait_until(page, "document.querySelector('#status').textContent === ''")
        assert page.locator(".strips canvas").count() == 2
