"""SpreadsheetML (ISO/IEC 29500-1, clause 18), without what tells: users, connections, pivot caches, views of one person."""

from __future__ import annotations

WORKBOOK = """
workbook workbookPr bookViews workbookView sheets sheet definedNames definedName calcPr
"""

WORKSHEET = """
worksheet chartsheet sheetPr tabColor outlinePr pageSetUpPr dimension sheetViews sheetView pane selection
sheetFormatPr cols col sheetData row c f v is t r rPr rPh phoneticPr autoFilter filterColumn filters filter
dateGroupItem top10 customFilters customFilter dynamicFilter colorFilter iconFilter sortState sortCondition mergeCells
mergeCell conditionalFormatting cfRule formula colorScale cfvo color dataBar iconSet dataValidations dataValidation
formula1 formula2 hyperlinks hyperlink printOptions pageMargins pageSetup headerFooter oddHeader oddFooter evenHeader
evenFooter firstHeader firstFooter rowBreaks colBreaks brk drawing legacyDrawingHF drawingHF picture tableParts
tablePart
"""

STYLES = """
styleSheet numFmts numFmt fonts font b i strike condense extend outline shadow u vertAlign sz name family charset
scheme fills fill patternFill fgColor bgColor gradientFill stop borders border left right top bottom diagonal vertical
horizontal start end cellStyleXfs xf alignment protection cellXfs cellStyles cellStyle dxfs dxf tableStyles tableStyle
tableStyleElement colors indexedColors rgbColor mruColors
"""

STRINGS = "sst si t r rPr rPh phoneticPr rFont"

TABLES = """
table tableColumns tableColumn calculatedColumnFormula totalsRowFormula tableStyleInfo
"""

ELEMENTS = " ".join((WORKBOOK, WORKSHEET, STYLES, STRINGS, TABLES))

ATTRIBUTES = """
date1904 firstSheet activeTab visibility minimized showHorizontalScroll showVerticalScroll showSheetTabs tabRatio name
sheetId state localSheetId hidden calcMode fullCalcOnLoad refMode iterate iterateCount iterateDelta fullPrecision rgb
theme tint indexed auto applyStyles summaryBelow summaryRight showOutlineSymbols autoPageBreaks fitToPage ref
windowProtection showFormulas showGridLines showRowColHeaders showZeros rightToLeft tabSelected showRuler
defaultGridColor showWhiteSpace view topLeftCell colorId zoomScale zoomScaleNormal zoomScaleSheetLayoutView
zoomScalePageLayoutView workbookViewId xSplit ySplit activePane pane activeCell activeCellId sqref baseColWidth
defaultColWidth defaultRowHeight customHeight zeroHeight thickTop thickBot outlineLevelRow outlineLevelCol min max
width style bestFit customWidth phonetic outlineLevel collapsed r spans s customFormat ht t aca dt2D dtr del1 del2 r1
r2 ca si bx sb eb fontId type alignment colId hiddenButton showButton blank calendarType val year month day hour
minute second dateTimeGrouping top percent filterVal and operator maxVal dxfId cellColor iconSet iconId columnSort
caseSensitive sortMethod descending sortBy customList pivot priority stopIfTrue aboveAverage bottom text timePeriod
rank stdDev equalAverage gte minLength maxLength showValue reverse disablePrompts count errorStyle imeMode allowBlank
showDropDown showInputMessage showErrorMessage errorTitle error promptTitle prompt location tooltip display
horizontalCentered verticalCentered headings gridLines gridLinesSet left right header footer paperSize paperHeight
paperWidth scale firstPageNumber fitToWidth fitToHeight pageOrder orientation blackAndWhite draft cellComments
useFirstPageNumber errors differentOddEven differentFirst scaleWithDoc alignWithMargins manualBreakCount id man pt
zoomToFit numFmtId formatCode patternType degree position diagonalUp diagonalDown outline fillId borderId xfId
quotePrefix pivotButton applyNumberFormat applyFont applyFill applyBorder applyAlignment applyProtection horizontal
vertical textRotation wrapText indent relativeIndent justifyLastLine shrinkToFit readingOrder locked builtinId iLevel
defaultTableStyle defaultPivotStyle table size uniqueCount displayName tableType headerRowCount insertRow
insertRowShift totalsRowCount totalsRowShown headerRowDxfId dataDxfId totalsRowDxfId headerRowBorderDxfId
tableBorderDxfId totalsRowBorderDxfId totalsRowFunction
totalsRowLabel array showFirstColumn showLastColumn showRowStripes showColumnStripes
"""
