"""Elements, attributes and style properties of SVG (SVG 2, and 1.1 where programs still write it) that draw something."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


DRAWN = _names("""
    svg g a use switch path rect circle ellipse line polyline polygon text tspan textPath image
    """)
"""What is seen, or groups what is seen."""
ELEMENTS = DRAWN | _names("""
    defs symbol marker pattern clipPath mask style linearGradient radialGradient stop filter
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
    feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
    feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence
    """)
WITH_WORDS = _names("text tspan textPath a")
"""Elements whose text is drawn."""
WITH_PICTURE = _names("image feImage")

PROPERTIES = _names("""
    background background-color
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters
    color-rendering direction display dominant-baseline enable-background fill fill-opacity fill-rule filter flood-color
    flood-opacity font font-family font-size font-size-adjust font-stretch font-style font-variant font-weight
    font-variant-ligatures font-variant-caps font-variant-numeric font-variant-east-asian font-feature-settings
    font-kerning font-variation-settings font-variant-position font-variant-alternates
    glyph-orientation-horizontal glyph-orientation-vertical image-rendering inline-size isolation kerning letter-spacing
    lighting-color line-height marker marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity overflow
    paint-order shape-inside shape-margin shape-padding shape-rendering solid-color solid-opacity stop-color stop-opacity
    stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
    text-align text-anchor text-decoration text-decoration-color text-decoration-line text-decoration-style
    text-decoration-thickness text-indent text-orientation text-overflow text-rendering text-transform transform
    transform-box transform-origin unicode-bidi vector-effect visibility white-space word-spacing writing-mode
    x y width height cx cy r rx ry d
    """)
"""They may stand in a style and, nearly all, as attributes."""
NUMBERS = _names("""
    x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height viewBox offset markerWidth markerHeight refX refY pathLength dx dy
    rotate textLength startOffset points values tableValues slope intercept amplitude exponent k1 k2 k3 k4 order
    kernelMatrix divisor bias targetX targetY kernelUnitLength surfaceScale diffuseConstant specularConstant
    specularExponent limitingConeAngle pointsAtX pointsAtY pointsAtZ azimuth elevation stdDeviation radius scale
    baseFrequency numOctaves seed z
    """)
"""Attributes that hold numbers, with units at most."""
WORDS = _names("""
    transform gradientTransform patternTransform gradientUnits patternUnits patternContentUnits spreadMethod clipPathUnits
    maskUnits maskContentUnits markerUnits orient lengthAdjust method spacing side filterUnits primitiveUnits mode type
    operator edgeMode preserveAlpha xChannelSelector yChannelSelector stitchTiles preserveAspectRatio systemLanguage
    """)
"""Attributes that hold words of the standard, and numbers."""
LABELS = _names("in in2 result")
"""Names of a filter's steps: the standard's own, or the author's."""
STEPS = _names("SourceGraphic SourceAlpha BackgroundImage BackgroundAlpha FillPaint StrokePaint")
"""The standard's own."""

QUIET = _names(
    "version baseProfile space contentScriptType contentStyleType zoomAndPan cursor pointer-events role target rel"
)
"""Attributes that don't come along and tell nothing: as every program writes them."""
