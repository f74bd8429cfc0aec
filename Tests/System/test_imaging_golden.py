"""Renditions against references that libvips has no part in: Pillow's pixels and plain arithmetic."""

import io
import json

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps

import harness
from profiles import display_p3, ink_colour, printer
from seeing import D50, P3_TO_XYZ, SRGB_TO_XYZ, ciede2000, encoded, lab, linear, ssim


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory):
    """One server for all of them: every test has a batch of its own."""
    server = harness.Server(tmp_path_factory.mktemp("golden") / "data").start()
    yield server
    server.stop()


def batch_with(server, recipe):
    status, answer = server.json("POST", "/api/batches", json.dumps({"recipe": recipe}))
    assert status == 201, answer
    return harness.Batch(server, answer["document"]["id"], answer["ownerToken"])


def develop(server, data, recipe):
    """The renditions' bytes and pictures by name, and the image's member of the document."""
    batch = batch_with(server, recipe)
    status, image = batch.send(data)
    assert status == 201, image
    (member,) = batch.settle().values()
    assert member["state"] == "ready", member
    files = {}
    for name, rendition in member["renditions"].items():
        status, _, body = server.request("GET", rendition["url"])
        assert status == 200 and len(body) == rendition["bytes"]
        files[name] = body
    return files, member


def picture(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def saved(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def one(**members):
    return {"name": "one", "renditions": [{"name": "only", "format": "image/png", **members}]}


# Structure

@pytest.mark.parametrize("number", [0, 5, 11])
def test_web_renditions_look_like_pillows(darkroom, photos, number):
    original = picture(photos[number].read_bytes()).convert("RGB")
    files, member = develop(darkroom, photos[number].read_bytes(), "web")
    assert (member["width"], member["height"]) == original.size == (4032, 3024)
    sizes = {name: (one["width"], one["height"]) for name, one in member["renditions"].items()}
    assert sizes == {"thumb": (320, 240), "medium": (1280, 960), "large": (2016, 1512)}
    for name, data in files.items():
        made = picture(data)
        assert made.format == "WEBP" and made.size == sizes[name]
        reference = original.resize(made.size, Image.Resampling.LANCZOS)
        # Pillow's own file at the same quality: what is compared is the development.
        reference = picture(saved(reference, "WEBP", quality=80, method=2))
        likeness = ssim(made.convert("RGB"), reference.convert("RGB"))
        print(f"{photos[number].name} {name}: SSIM {likeness:.4f}")
        assert likeness >= 0.97, (name, likeness)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_every_input_format_keeps_its_structure(darkroom, photos, kind):
    small = picture(photos[3].read_bytes()).convert("RGB").resize((1600, 1200), Image.Resampling.LANCZOS)
    options = {"WEBP": {"quality": 90}, "AVIF": {"quality": 85, "speed": 9}}.get(kind, {})
    data = saved(small.quantize(256) if kind == "GIF" else small, kind, **options)
    files, _ = develop(darkroom, data, one(longerSide=640))
    reference = picture(data).convert("RGB").resize((640, 480), Image.Resampling.LANCZOS)
    likeness = ssim(picture(files["only"]).convert("RGB"), reference)
    print(f"{kind}: SSIM {likeness:.4f}")
    assert likeness >= 0.97


@pytest.mark.parametrize("kind", ["image/jpeg", "image/webp", "image/avif"])
def test_every_output_format_keeps_its_structure(darkroom, photos, kind):
    files, member = develop(darkroom, photos[4].read_bytes(), one(longerSide=640, format=kind, quality=90))
    made = picture(files["only"])
    assert member["renditions"]["only"]["mediaType"] == kind
    assert made.format == {"image/jpeg": "JPEG", "image/webp": "WEBP", "image/avif": "AVIF"}[kind]
    reference = picture(photos[4].read_bytes()).resize(made.size, Image.Resampling.LANCZOS)
    likeness = ssim(made.convert("RGB"), reference.convert("RGB"))
    print(f"{kind}: SSIM {likeness:.4f}")
    assert likeness >= 0.97


# Shape

@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_every_orientation_upright(darkroom, photos, orientation):
    stored = picture(photos[1].read_bytes()).convert("RGB").resize((900, 600), Image.Resampling.LANCZOS)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = saved(stored, "JPEG", quality=95, exif=exif)
    reference = ImageOps.exif_transpose(picture(data)).convert("RGB")
    files, member = develop(darkroom, data, one(longerSide=300))
    made = picture(files["only"])
    assert (member["width"], member["height"]) == reference.size
    assert made.size == ((300, 200) if orientation <= 4 else (200, 300))
    assert made.getexif().get(ExifTags.Base.Orientation, 1) == 1
    assert ssim(made.convert("RGB"), reference.resize(made.size, Image.Resampling.LANCZOS)) >= 0.97


@pytest.mark.parametrize("size, members, wanted", [
    ((900, 600), {"width": 300}, (300, 200)),
    ((900, 600), {"height": 300}, (450, 300)),
    ((900, 600), {"width": 300, "height": 100}, (150, 100)),
    ((900, 600), {"width": 5000}, (900, 600)),
    ((90, 60), {"width": 300, "enlarge": True}, (300, 200)),
    ((900, 600), {"width": 300, "height": 300, "fit": "cover"}, (300, 300)),
    ((900, 600), {"width": 200, "height": 500, "fit": "smart"}, (200, 500)),
    ((90, 60), {"width": 300, "height": 300, "fit": "cover"}, (60, 60)),
    ((90, 60), {"width": 300, "height": 300, "fit": "cover", "enlarge": True}, (300, 300)),
    ((1, 1), {"longerSide": 300}, (1, 1)),
    ((1, 16000), {"longerSide": 320}, (1, 320)),
])
def test_has_the_size_the_recipe_asks_for(darkroom, size, members, wanted):
    files, member = develop(darkroom, saved(Image.new("RGB", size, (90, 120, 30))), one(**members))
    rendition = member["renditions"]["only"]
    assert picture(files["only"]).size == (rendition["width"], rendition["height"]) == wanted


def test_cover_shows_the_middle(darkroom, photos):
    source = picture(photos[2].read_bytes()).convert("RGB").resize((1200, 900), Image.Resampling.LANCZOS)
    files, _ = develop(darkroom, saved(source), one(width=300, height=300, fit="cover"))
    reference = ImageOps.fit(source, (300, 300), Image.Resampling.LANCZOS)
    assert ssim(picture(files["only"]).convert("RGB"), reference) >= 0.97


def test_animations_keep_their_frames_and_their_pace(darkroom):
    frames = [Image.new("RGB", (120, 90), (20 + i * 25, 100, 230 - i * 25)) for i in range(8)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[50] * 7 + [400], loop=0)
    files, member = develop(darkroom, data, {"name": "film", "renditions": [
        {"name": "moving", "longerSide": 60}, {"name": "still", "longerSide": 60, "animated": False}]})
    assert member["frames"] == 8
    moving, still = picture(files["moving"]), picture(files["still"])
    assert (moving.n_frames, moving.size, still.n_frames) == (8, (60, 45), 1)
    assert not moving.getexif() and "icc_profile" not in moving.info
    for number, frame in enumerate(frames):
        moving.seek(number)
        shown = np.asarray(moving.convert("RGB"), dtype=int)
        assert moving.info["duration"] == (400 if number == 7 else 50)
        assert np.abs(shown - np.asarray(frame.getpixel((0, 0)))).max() <= 10, number


# Colour

def chart(values, mode, **options):
    """A picture of 24 patches, 32 pixels square each."""
    pixels = np.round(np.asarray(values)).astype(np.uint8).reshape(4, 6, -1)
    return Image.fromarray(pixels.repeat(32, 0).repeat(32, 1), mode, **options)


def patches(image):
    pixels = np.asarray(image.convert("RGB"), dtype=np.float64)
    return np.array([pixels[16 + 32 * row - 4 : 20 + 32 * row, 12 + 32 * column : 20 + 32 * column].mean((0, 1))
                     for row in range(4) for column in range(6)])


def assert_same_colours(files, member, wanted):
    made = picture(files["only"])
    assert "icc_profile" not in made.info
    differences = ciede2000(lab(patches(made)), lab(wanted))
    print(f"ΔE2000: mean {differences.mean():.2f}, most {differences.max():.2f}")
    assert differences.max() <= 3, differences.round(2)


SRGB_PATCHES = np.random.default_rng(24).integers(25, 230, (24, 3)).astype(float)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_p3_becomes_srgb(darkroom, kind):
    in_p3 = 255 * encoded(linear(SRGB_PATCHES / 255) @ SRGB_TO_XYZ.T @ np.linalg.inv(P3_TO_XYZ).T)
    assert np.abs(in_p3 - SRGB_PATCHES).max() > 15, "a test that cannot fail"
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True},
               "AVIF": {"quality": 98, "subsampling": "4:4:4", "speed": 8}}.get(kind, {})
    data = saved(chart(in_p3, "RGB"), kind, icc_profile=display_p3(), **options)
    files, member = develop(darkroom, data, one(longerSide=192))
    assert_same_colours(files, member, SRGB_PATCHES)


def test_cmyk_becomes_srgb(darkroom):
    inks = np.random.default_rng(7).integers(0, 6, (24, 4)) / 8
    # Adobe's JPEGs store inks upside down, and Pillow does as Adobe.
    data = saved(chart(inks * 255, "CMYK"), "JPEG", quality=98, subsampling=0, icc_profile=printer())
    wanted = ink_colour(inks)
    naive = 255 * (1 - inks[:, :3]) * (1 - inks[:, 3:])
    assert ciede2000(lab(wanted), lab(naive)).max() > 10, "a test that cannot fail"
    files, member = develop(darkroom, data, one(longerSide=192))
    assert_same_colours(files, member, wanted)


def lab_profile(device_class):
    """A whole profile of three channels, as RGB has, which are L, a and b."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert data[16:20] == b"Lab "
    return data[:12] + device_class + data[16:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("profile", [lab_profile(b"abst"), lab_profile(b"spac"), printer(2), b"none"],
                         ids=["abstract Lab", "Lab", "CMYK", "torn"])
def test_a_profile_of_other_numbers_than_the_pixels_is_left_aside(darkroom, kind, profile):
    options = {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    data = saved(chart(SRGB_PATCHES, "RGB"), kind, icc_profile=profile, **options)
    files, member = develop(darkroom, data, one(longerSide=192))
    assert_same_colours(files, member, SRGB_PATCHES)


@pytest.mark.parametrize("profile", [display_p3(), lab_profile(b"spac")], ids=["RGB", "Lab"])
def test_inks_with_a_profile_that_is_of_none_are_taken_for_the_usual_ones(darkroom, profile):
    inks = chart(np.random.default_rng(7).integers(0, 6, (24, 4)) * 255 / 8, "CMYK")
    pictures = []
    for options in [{}, {"icc_profile": profile}]:
        data = saved(inks, "JPEG", quality=98, subsampling=0, **options)
        files, _ = develop(darkroom, data, one(longerSide=192))
        pictures.append(patches(picture(files["only"])))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1


def test_grey_with_a_profile_of_three_colours_stays_grey(darkroom):
    greys = chart(SRGB_PATCHES[:, :1].repeat(3, 1), "RGB").convert("L")
    data = saved(greys, "JPEG", quality=98, icc_profile=display_p3())
    files, member = develop(darkroom, data, one(longerSide=192))
    assert_same_colours(files, member, SRGB_PATCHES[:, :1].repeat(3, 1))


def test_sixteen_bits_become_eight(darkroom):
    ramp = np.linspace(0, 65535, 256 * 64).reshape(64, 256).astype(np.uint16)
    files, _ = develop(darkroom, saved(Image.fromarray(ramp)), one(longerSide=256))
    made = np.asarray(picture(files["only"]).convert("L"), dtype=float)
    assert np.abs(made - ramp / 257).max() <= 1


# Metadata

def private_photo():
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ana Artist"
    exif[ExifTags.Base.Copyright] = "(c) Ana Rights (all)"
    exif[ExifTags.Base.Make] = "Kamerawerk"
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.BodySerialNumber] = "SERIAL77"
    camera[ExifTags.Base.MakerNote] = b"MAKERNOTE77"
    camera[ExifTags.Base.LensModel] = "Obscura 50"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    place[ExifTags.GPS.GPSDateStamp] = "2026:05:17"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">PLACE77</x:xmpmeta>'
    return saved(Image.effect_noise((320, 240), 60).convert("RGB"), "JPEG", quality=90, exif=exif,
                 xmp=xmp, comment=b"COMMENT77", icc_profile=display_p3())


@pytest.mark.parametrize("metadata", ["strip", "copyright", "keep"])
def test_no_rendition_tells_the_place(darkroom, metadata):
    recipe = {"name": "private", "renditions": [
        {"name": kind, "longerSide": 160, "format": f"image/{kind}", "metadata": metadata}
        for kind in ["webp", "jpeg", "avif"]
    ] + [{"name": kind, "longerSide": 160, "format": f"image/{kind}"} for kind in ["jxl", "gif", "png"]]}
    files, _ = develop(darkroom, private_photo(), recipe)
    for name, data in files.items():
        for secret in [b"SERIAL77", b"MAKERNOTE77", b"PLACE77", b"COMMENT77", b"2026:05:17"]:
            assert secret not in data, (name, secret)
        if name == "jxl":
            continue  # Pillow reads none; its bytes were looked through above.
        made = picture(data)
        assert "icc_profile" not in made.info, name
        exif = made.getexif()
        assert not exif.get_ifd(ExifTags.IFD.GPSInfo), name
        kept = {"strip": [], "copyright": ["Ana Artist", "(c) Ana Rights (all)"],
                "keep": ["Ana Artist", "(c) Ana Rights (all)", "Kamerawerk"]}[metadata]
        if name in ("gif", "png"):
            kept = []
        found = [exif.get(tag) for tag in [ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.Make]]
        assert [value for value in found if value] == kept, name
        lens = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.LensModel)
        assert lens == ("Obscura 50" if metadata == "keep" and kept else None), name


# What a recipe of one's own is told

def test_a_recipe_that_asks_too_much_is_told_the_limit(darkroom):
    recipe = one(longerSide=20_000)
    status, problem = darkroom.json("POST", "/api/batches", json.dumps({"recipe": recipe}))
    assert (status, problem["code"]) == (400, "invalid-recipe")
    assert (problem["limit"], problem["actual"]) == (16383, 20000)
    assert problem["detail"] == "renditions[0].width is 20000; it must be from 1 to 16383."


def test_the_named_recipes_are_shown(darkroom):
    recipes = darkroom.json("GET", "/api/capabilities")[1]["recipes"]
    assert sorted(recipes) == ["archive", "avif", "social", "web"]
    for name in recipes:
        document = batch_with(darkroom, name).document()
        assert document["recipe"] == recipes[name] and document["recipe"]["name"] == name
