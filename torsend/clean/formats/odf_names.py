"""The namespaces of OpenDocument, and what of each may stand in a cleaned document."""

from __future__ import annotations

from torsend.clean.formats.names.opendocument import NAMES as TABLE
from torsend.clean.formats.names.opendocument import OASIS
from torsend.clean.formats.xml_part import XML_NAMESPACE, Names, names_in

OFFICE, TEXT, TABLES, DRAW, STYLE, FO, SVG, PRESENTATION, CONFIG, MANIFEST, SMIL, META, NUMBER = (
    f"{OASIS}{name}:1.0"
    for name in (
        "office", "text", "table", "drawing", "style", "xsl-fo-compatible", "svg-compatible", "presentation", "config",
        "manifest", "smil-compatible", "meta", "datastyle",
    )
)  # fmt: skip
XLINK = "http://www.w3.org/1999/xlink"
MATH = "http://www.w3.org/1998/Math/MathML"
LOEXT = "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
HREF = f"{{{XLINK}}}href"

_MATH = """
math semantics mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom mfenced menclose msub msup
msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd maction merror
"""
_MATH_ATTRIBUTES = """
mathvariant mathsize mathcolor mathbackground display displaystyle scriptlevel stretchy fence separator form lspace
rspace accent accentunder linethickness open close separators notation columnalign rowalign columnspan rowspan width
height depth minsize maxsize symmetric largeop movablelimits bevelled numalign denomalign columnspacing rowspacing
"""
_CALC_ELEMENTS = """
conditional-formats conditional-format condition color-scale color-scale-entry data-bar formatting-entry icon-set
date-is sparkline-groups sparkline-group sparklines sparkline
"""
_CALC_ATTRIBUTES = """
target-range-address apply-style-name value base-cell-address type color positive-color negative-color axis-color
axis-position gradient show-value icon-set-type date style max-length min-length cell-address data-range
display-empty-cells-as color-series color-negative color-axis color-markers color-first color-last color-high
color-low markers high low first last negative display-x-axis display-hidden min-axis-type max-axis-type right-to-left
line-width
"""
_LIBREOFFICE_ATTRIBUTES = """
contextual-spacing major-origin opacity fill-use-slide-background num-list-format scale-to-X scale-to-Y
vertical-justify rel-width-rel rel-height-rel tab-stop-distance hyphenation-no-caps hyphenation-no-last-word
hyphenation-word-char-count hyphenation-zone blank-width-char shadow-blur glow-radius glow-color glow-transparency
softedge-radius allow-overlap may-break-between-rows decorative vertical-align overflow-behavior blur
char-shading-value column-gap custom-leader-lines font-independent-line-spacing word-spacing-minimum regression-x-name
regression-y-name std-weight data-style-name theme-color hide-legend may-script label-stroke label-stroke-color
"""

NAMES = Names.of(
    {
        **{f"{OASIS}{space}": (elements, "", attributes) for space, (elements, attributes) in TABLE.items()},
        # As StarOffice 8 wrote them before the standard was done.
        "http://www.w3.org/1999/XSL/Format": ("", "", TABLE["xsl-fo-compatible:1.0"][1]),
        "http://www.w3.org/2000/svg": ("", "", TABLE["svg-compatible:1.0"][1]),
        CONFIG: ("config-item-set config-item", "", "name type"),
        XLINK: ("", "", "type href show actuate title"),
        MATH: (_MATH, _MATH_ATTRIBUTES, ""),
        CALCEXT: (_CALC_ELEMENTS, "", _CALC_ATTRIBUTES),
        LOEXT: ("graphic-properties", "", _LIBREOFFICE_ATTRIBUTES),
        XML_NAMESPACE: ("", "", "id"),
    }
)

#: Settings that change how a text is laid out (LibreOffice's own names); others are of printers, views and users.
LAYOUT_SETTINGS = names_in(
    """
    AddFrameOffsets AddVerticalFrameOffsets AddParaTableSpacing AddParaTableSpacingAtStart AddParaSpacingToTableCells
    AddParaLineSpacingToTableCells AddExternalLeading AlignTabStopPosition ApplyParagraphMarkFormatToNumbering
    BackgroundParaOverDrawings CharacterCompressionType ClipAsCharacterAnchoredWriterFlyFrames ClippedPictures
    CollapseEmptyCellPara ConsiderTextWrapOnObjPos ContinuousEndnotes DisableOffPagePositioning
    DoNotCaptureDrawObjsOnPage DoNotJustifyLinesWithManualBreak DoNotResetParaAttrsForNumFont EmptyDbFieldHidesPara
    FloattableNomargins FootnoteInColumnToPageEnd FrameAutowidthWithMorePara GutterAtTop HeaderSpacingBelowLastPara
    IgnoreFirstLineIndentInNumbering IgnoreTabsAndBlanksForLineCalculation InvertBorderSpacing IsKernAsianPunctuation
    MathBaselineAlignment MsWordCompMinLineHeightByFly MsWordCompTrailingBlanks NoNumberingShowFollowBy
    OutlineLevelYieldsNumbering PropLineSpacingShrinksFirstLine PrinterIndependentLayout ProtectForm ProtrudingShapes
    SmallCapsPercentage66 StylesNoDefault SubtractFlysAnchoredAtFlys SurroundTextWrapSmall
    TabAtLeftIndentForParagraphsInList TabOverMargin TabOverSpacing TabOverflow TableRowKeep TabsRelativeToIndent
    TreatSingleColumnBreakAsPageBreak UnbreakableNumberings UnxForceZeroExtLeading UseFormerLineSpacing
    UseFormerObjectPositioning UseFormerTextWrapping UseOldNumbering UseOldPrinterMetrics IsLabelDocument
    WordLikeWrapForAsCharFlys JustifyLinesWithShrinking HyphenateURLs AutoFirstLineIndentDisregardLineSpace
    """
)
