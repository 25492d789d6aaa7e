"""The namespaces of Office Open XML (ISO/IEC 29500, transitional), and what of each may stand in a cleaned part."""

from __future__ import annotations

from torsend.clean.formats.names import drawing, sheet, slides, word
from torsend.clean.formats.xml_part import XML_NAMESPACE, Names

_2006 = "http://schemas.openxmlformats.org"
W = f"{_2006}/wordprocessingml/2006/main"
S = f"{_2006}/spreadsheetml/2006/main"
P = f"{_2006}/presentationml/2006/main"
A = f"{_2006}/drawingml/2006/main"
C = f"{_2006}/drawingml/2006/chart"
CDR = f"{_2006}/drawingml/2006/chartDrawing"
DGM = f"{_2006}/drawingml/2006/diagram"
PIC = f"{_2006}/drawingml/2006/picture"
WP = f"{_2006}/drawingml/2006/wordprocessingDrawing"
XDR = f"{_2006}/drawingml/2006/spreadsheetDrawing"
M = f"{_2006}/officeDocument/2006/math"
R = f"{_2006}/officeDocument/2006/relationships"
MC = f"{_2006}/markup-compatibility/2006"
DSP = "http://schemas.microsoft.com/office/drawing/2008/diagram"
P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
WP14 = "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
WPG = "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"
WPC = "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas"
V = "urn:schemas-microsoft-com:vml"
O = "urn:schemas-microsoft-com:office:office"  # noqa: E741  # the prefix that all documents use
W10 = "urn:schemas-microsoft-com:office:word"

_SPARKLINES = """
sparklineGroups sparklineGroup colorSeries colorNegative colorAxis colorMarkers colorFirst colorLast colorHigh
colorLow sparklines sparkline dataValidations dataValidation formula1 formula2
"""
_SPARKLINE_ATTRIBUTES = """
manualMax manualMin lineWeight type dateAxis displayEmptyCellsAs markers high low first last negative displayXAxis
displayHidden minAxisType maxAxisType rightToLeft rgb theme tint indexed auto count errorStyle operator allowBlank
showDropDown showInputMessage showErrorMessage errorTitle error promptTitle prompt
"""
# Attributes of SpreadsheetML's and others' elements that name a part stand in the namespace of relationships.
_RELATIONS = "id embed link pict dm lo qs cs href"
_EXTENSIBLE = " extLst ext"

NAMES = Names.of(
    {
        W: (word.ELEMENTS, "", word.ATTRIBUTES),
        M: (word.MATH_ELEMENTS, "", word.MATH_ATTRIBUTES),
        W14: (word.WORD_2010_ELEMENTS, "", word.WORD_2010_ATTRIBUTES),
        WP: (word.PLACING_ELEMENTS, word.PLACING_ATTRIBUTES, ""),
        WP14: (word.PLACING_2010_ELEMENTS, word.PLACING_2010_ATTRIBUTES, ""),
        WPS: (word.SHAPE_ELEMENTS, word.SHAPE_ATTRIBUTES, ""),
        WPG: (word.SHAPE_ELEMENTS, word.SHAPE_ATTRIBUTES, ""),
        WPC: (word.SHAPE_ELEMENTS, word.SHAPE_ATTRIBUTES, ""),
        S: (sheet.ELEMENTS + _EXTENSIBLE, sheet.ATTRIBUTES + " uri", ""),
        X14: (_SPARKLINES, _SPARKLINE_ATTRIBUTES, ""),
        XM: ("f sqref", "", ""),
        P: (slides.ELEMENTS + _EXTENSIBLE, slides.ATTRIBUTES + " uri", ""),
        P14: ("media", "", ""),
        A: (drawing.MAIN_ELEMENTS + _EXTENSIBLE, drawing.MAIN_ATTRIBUTES, ""),
        C: (drawing.CHART_ELEMENTS, drawing.CHART_ATTRIBUTES, ""),
        CDR: (drawing.CHART_DRAWING_ELEMENTS, drawing.CHART_DRAWING_ATTRIBUTES, ""),
        PIC: (drawing.PICTURE_ELEMENTS, drawing.PICTURE_ATTRIBUTES, ""),
        DGM: (drawing.DIAGRAM_ELEMENTS + _EXTENSIBLE, drawing.DIAGRAM_ATTRIBUTES, ""),
        DSP: (drawing.DIAGRAM_DRAWING_ELEMENTS, drawing.DIAGRAM_DRAWING_ATTRIBUTES, ""),
        XDR: (drawing.SHEET_DRAWING_ELEMENTS, drawing.SHEET_DRAWING_ATTRIBUTES, ""),
        V: (drawing.VML_ELEMENTS, drawing.VML_ATTRIBUTES, "ext"),
        O: (drawing.OFFICE_ELEMENTS, drawing.OFFICE_PLAIN, drawing.OFFICE_ATTRIBUTES),
        W10: (drawing.WORD_VML_ELEMENTS, drawing.WORD_VML_ATTRIBUTES, ""),
        MC: ("AlternateContent Choice", "Requires", "Ignorable"),
        R: ("", "", _RELATIONS),
        XML_NAMESPACE: ("", "", "space"),
        # The root of a part with VML.
        "": ("xml", "", ""),
    }
)

#: Elements that hold words or numbers as text; all others hold elements alone.
WITH_WORDS = frozenset(
    f"{{{space}}}{name}"
    for space, names in {
        W: "t instrText",
        M: "t",
        A: "t tableStyleId",
        C: "f v separator formatCode name",
        CDR: "x y",
        P: "attrName",
        S: """
        f v t formula formula1 formula2 oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter definedName
        calculatedColumnFormula totalsRowFormula
        """,
        WP: "posOffset align",
        WP14: "pctWidth pctHeight pctPosHOffset pctPosVOffset",
        XDR: "col colOff row rowOff",
        XM: "f sqref",
    }.items()
    for name in names.split()
)

#: What a choice of alternate content may need. Others have a fallback that all readers know and that is cleaned whole:
#: the transitions of 2010, controls, ink, and objects whose choice has no picture.
CHOICES = frozenset({W14, WP14, WPS, WPG, WPC})

#: Extensions that are the document; all others go. Each is the name of the element in ``ext``.
EXTENSIONS = frozenset(
    {f"{{{DSP}}}dataModelExt", f"{{{P14}}}media", f"{{{X14}}}sparklineGroups", f"{{{X14}}}dataValidations"}
)
