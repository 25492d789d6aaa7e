"""WordprocessingML (ISO/IEC 29500-1, clause 17), without what tells: revisions, comments, languages, ids, bindings."""

from __future__ import annotations

STORIES = """
document body background hdr ftr footnotes endnotes footnote endnote p pPr r rPr t tab br cr sym noBreakHyphen
softHyphen footnoteRef endnoteRef footnoteReference endnoteReference separator continuationSeparator pgNum ptab ruby
rubyPr rubyAlign hps hpsRaise hpsBaseText rt rubyBase fldChar fldSimple instrText ffData name enabled calcOnExit
checkBox size sizeAuto default checked ddList result listEntry textInput type maxLength format drawing pict hyperlink
bookmarkStart bookmarkEnd sdt sdtPr sdtContent sdtEndPr bdo dir txbxContent
"""

PARAGRAPHS = """
pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr ilvl numId suppressLineNumbers pBdr top left
bottom right between bar start end shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct
autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc
textDirection textAlignment textboxTightWrap outlineLvl cnfStyle sectPr
"""

RUNS = """
rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint vanish webHidden color w kern
position sz szCs highlight u effect bdr fitText vertAlign rtl cs em eastAsianLayout specVanish oMath
"""

SECTIONS = """
headerReference footerReference footnotePr endnotePr pgSz pgMar pgBorders lnNumType pgNumType cols col formProt vAlign
noEndnote titlePg rtlGutter docGrid pos numFmt numStart numRestart
"""

TABLES = """
tbl tblPr tblGrid gridCol tr trPr tc tcPr tblPrEx tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize
tblStyleColBandSize tblW tblCellSpacing tblInd tblBorders insideH insideV tblLayout tblCellMar tblLook tblCaption
tblDescription gridBefore gridAfter wBefore wAfter cantSplit trHeight tblHeader hidden tcW gridSpan hMerge vMerge
tcBorders tl2br tr2bl noWrap tcMar tcFitText hideMark
"""

CONTENT_CONTROLS = """
text date dateFormat calendar richText dropDownList comboBox listItem picture docPartObj docPartList docPartGallery
docPartUnique equation group showingPlcHdr
"""

STYLES = """
styles docDefaults rPrDefault pPrDefault style basedOn next link uiPriority semiHidden unhideWhenUsed qFormat
tblStylePr numbering abstractNum multiLevelType lvl lvlRestart isLgl suff lvlText lvlPicBulletId legacy lvlJc
styleLink numStyleLink num abstractNumId lvlOverride startOverride numPicBullet fonts font altName panose1 charset
family notTrueType pitch sig
"""

SETTINGS = """
settings displayBackgroundShape mirrorMargins bordersDoNotSurroundHeader bordersDoNotSurroundFooter gutterAtTop
defaultTabStop autoHyphenation consecutiveHyphenLimit hyphenationZone doNotHyphenateCaps evenAndOddHeaders
bookFoldRevPrinting bookFoldPrinting drawingGridHorizontalSpacing drawingGridVerticalSpacing
displayHorizontalDrawingGridEvery displayVerticalDrawingGridEvery characterSpacingControl footnotePr endnotePr compat
noTabHangInd spaceForUL noColumnBalance balanceSingleByteDoubleByteWidth noLeading ulTrailSpace doNotExpandShiftReturn
useFELayout adjustLineHeightInTable compatSetting clrSchemeMapping doNotUseHTMLParagraphAutoSpacing
splitPgBreakAndParaMark useWord97LineBreakRules doNotSnapToGridInCell growAutofit doNotBreakWrappedTables
doNotWrapTextWithPunct doNotUseEastAsianBreakRules usePrinterMetrics footnoteLayoutLikeWW8 shapeLayoutLikeWW8
alignTablesRowByRow forgetLastTabAlignment layoutRawTableWidth layoutTableRowsApart noSpaceRaiseLower
suppressBottomSpacing suppressTopSpacing suppressSpacingAtTopOfPage suppressTopSpacingWP suppressSpBfAfterPgBrk
swapBordersFacingPages lineWrapLikeWord6 wpJustification noExtraLineSpacing truncateFontHeightsLikeWP6
printBodyTextBeforeHeader printColBlack wpSpaceWidth showBreaksInFrames subFontBySize mwSmallCaps convMailMergeEsc
selectFldWithFirstOrLastChar applyBreakingRules autofitToFirstFixedWidthCell allowSpaceOfSameStyleInTable
cachedColBalance doNotAutofitConstrainedTables doNotSuppressIndentation doNotSuppressParagraphBorders
doNotUseIndentAsNumberingTabStop doNotVertAlignCellWithSp doNotVertAlignInTxbx underlineTabInNumList
useAltKinsokuLineBreakRules useAnsiKerningPairs useNormalStyleForList
"""

ELEMENTS = " ".join((STORIES, PARAGRAPHS, RUNS, SECTIONS, TABLES, CONTENT_CONTROLS, STYLES, SETTINGS))

ATTRIBUTES = """
val fill color themeColor themeTint themeShade themeFill themeFillTint themeFillShade sz space shadow frame w h type
orient code top bottom left right header footer gutter num equalWidth sep linePitch charSpace start end fmt chapStyle
chapSep countBy distance restart offsetFrom zOrder display before beforeLines beforeAutospacing after afterLines
afterAutospacing line lineRule firstLine firstLineChars hanging hangingChars leftChars rightChars startChars endChars
ascii hAnsi cs eastAsia asciiTheme hAnsiTheme cstheme eastAsiaTheme hint combine combineBrackets vert vertCompress id
name colFirst colLast displacedByCustomXml anchor tooltip history instr fldCharType fldLock dirty alignment relativeTo
leader pos dropCap lines wrap hSpace vSpace hAnchor vAnchor x xAlign y yAlign hRule anchorLock leftFromText
rightFromText topFromText bottomFromText horzAnchor vertAnchor tblpX tblpXSpec tblpY tblpYSpec firstRow lastRow
firstColumn lastColumn noHBand noVBand oddVBand evenVBand oddHBand evenHBand firstRowFirstColumn firstRowLastColumn
lastRowFirstColumn lastRowLastColumn char font styleId default customStyle ilvl abstractNumId numId numPicBulletId
tentative legacy legacySpace legacyIndent characterSet usb0 usb1 usb2 usb3 csb0 csb1 clear customMarkFollows
displayText value uri bg1 t1 bg2 t2 accent1 accent2 accent3 accent4 accent5 accent6 hyperlink followedHyperlink hint
percent
"""

MATH_ELEMENTS = """
oMath oMathPara oMathParaPr r rPr t lit nor scr sty brk aln acc accPr chr bar barPr pos box boxPr opEmu noBreak diff
borderBox borderBoxPr hideTop hideBot hideLeft hideRight strikeH strikeV strikeBLTR strikeTLBR d dPr begChr sepChr
endChr grow shp eqArr eqArrPr baseJc maxDist objDist rSpRule rSp f fPr type func funcPr fName groupChr groupChrPr
vertJc limLow limLowPr lim limUpp limUppPr m mPr plcHide cGpRule cSp cGp mcs mc mcPr count mcJc mr nary naryPr limLoc
subHide supHide sub sup e phant phantPr show zeroWid zeroAsc zeroDesc transp rad radPr degHide deg sPre sPrePr sSub
sSubPr sSubSup sSubSupPr alnScr sSup sSupPr ctrlPr argPr argSz jc mathPr mathFont brkBin brkBinSub smallFrac dispDef
lMargin rMargin defJc preSp postSp interSp intraSp wrapIndent wrapRight intLim naryLim
"""

MATH_ATTRIBUTES = "val alnAt"

#: Microsoft's additions of 2010 that change how text looks.
WORD_2010_ELEMENTS = """
glow shadow reflection textOutline textFill scene3d props3d ligatures numForm numSpacing stylisticSets styleSet
cntxtAlts checkbox checked checkedState uncheckedState srgbClr schemeClr solidFill noFill gradFill gsLst gs lin path
fillToRect prstDash round bevel miter alpha tint shade hueMod sat satOff satMod lum lumOff lumMod camera lightRig rot
bevelT bevelB extrusionClr contourClr
"""

WORD_2010_ATTRIBUTES = """
val rad blurRad stA stPos endA endPos dist dir fadeDir sx sy kx ky algn w cap cmpd id pos ang scaled path l t r b prst
rig lat lon rev extrusionH contourW prstMaterial h font lim
"""

#: wp: where a drawing stands in text.
PLACING_ELEMENTS = """
inline anchor extent effectExtent docPr cNvGraphicFramePr simplePos positionH positionV align posOffset wrapNone
wrapSquare wrapTight wrapThrough wrapTopAndBottom wrapPolygon start lineTo
"""

PLACING_ATTRIBUTES = """
distT distB distL distR cx cy l t r b id name descr title hidden simplePos relativeHeight behindDoc locked
layoutInCell allowOverlap relativeFrom x y wrapText edited
"""

PLACING_2010_ELEMENTS = "sizeRelH sizeRelV pctWidth pctHeight pctPosHOffset pctPosVOffset"
PLACING_2010_ATTRIBUTES = "relativeFrom"

#: wps, wpg, wpc: shapes, groups and canvases of 2010.
SHAPE_ELEMENTS = """
wsp wgp wpc cNvPr cNvSpPr cNvCnPr cNvGrpSpPr cNvFrPr spPr grpSpPr style txbx linkedTxbx bodyPr grpSp graphicFrame xfrm
bg whole
"""
SHAPE_ATTRIBUTES = "id name descr title hidden normalEastAsianFlow txBox seq"
