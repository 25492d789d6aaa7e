"""DrawingML with charts and diagrams, and VML (ISO/IEC 29500-1, clauses 20 and 21; 29500-4, clause 19)."""

from __future__ import annotations

MAIN_ELEMENTS = """
theme themeElements clrScheme dk1 lt1 dk2 lt2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink
fontScheme majorFont minorFont latin ea cs sym font fmtScheme fillStyleLst lnStyleLst effectStyleLst effectStyle
bgFillStyleLst objectDefaults spDef lnDef txDef extraClrSchemeLst extraClrScheme clrMap custClrLst custClr
overrideClrMapping masterClrMapping scrgbClr srgbClr hslClr sysClr schemeClr prstClr tint shade comp inv gray alpha
alphaOff alphaMod hue hueOff hueMod sat satOff satMod lum lumOff lumMod red redOff redMod green greenOff greenMod blue
blueOff blueMod gamma invGamma noFill solidFill gradFill gsLst gs lin path fillToRect tileRect blipFill blip srcRect
stretch fillRect tile pattFill fgClr bgClr grpFill alphaBiLevel alphaCeiling alphaFloor alphaInv alphaModFix alphaRepl
biLevel blur clrChange clrFrom clrTo clrRepl duotone grayscl hsl ln lnRef fillRef effectRef fontRef prstDash custDash
ds round bevel miter headEnd tailEnd lnL lnR lnT lnB lnTlToBr lnBlToTr effectLst effectDag cont effect fillOverlay
glow innerShdw outerShdw prstShdw reflection relOff softEdge xfrm alphaOutset blend scene3d camera rot lightRig
backdrop anchor norm up sp3d bevelT bevelB extrusionClr contourClr flatTx cell3D off ext chOff chExt custGeom avLst gd
gdLst ahLst ahXY ahPolar pos cxnLst cxn rect pathLst close moveTo lnTo arcTo quadBezTo cubicBezTo pt prstGeom
prstTxWarp graphic graphicData graphicFrame graphicFrameLocks picLocks spLocks cxnSpLocks grpSpLocks contentPartLocks
stCxn endCxn sp spPr style txBody bodyPr noAutofit normAutofit spAutoFit lstStyle defPPr lvl1pPr lvl2pPr lvl3pPr
lvl4pPr lvl5pPr lvl6pPr lvl7pPr lvl8pPr lvl9pPr p pPr lnSpc spcPct spcPts spcBef spcAft buClrTx buClr buSzTx buSzPct
buSzPts buFontTx buFont buNone buAutoNum buChar buBlip tabLst tab defRPr r rPr t br fld endParaRPr highlight uLnTx uLn
uFillTx uFill hlinkClick hlinkMouseOver snd rtl tbl tblPr tableStyle tableStyleId tblGrid gridCol tr tc tcPr
tblStyleLst tblStyle tblBg fillRef wholeTbl band1H band2H band1V band2V lastCol firstCol lastRow seCell swCell
firstRow neCell nwCell tcTxStyle tcStyle tcBdr left right top bottom insideH insideV tl2br tr2bl fill bldDgm bldChart
dgm chart audioFile videoFile quickTimeFile wavAudioFile audioCd nvGrpSpPr grpSpPr nvSpPr nvPicPr pic nvCxnSpPr cxnSp
cNvPr cNvSpPr cNvPicPr cNvCxnSpPr cNvGrpSpPr cNvGraphicFramePr nvGraphicFramePr grpSp lockedCanvas useSpRect txSp
"""

MAIN_ATTRIBUTES = """
name val lastClr typeface panose pitchFamily charset script idx r g b hue sat lum pos ang scaled path l t flip sx sy
algn tx ty rotWithShape dpi cstate bright contrast amt thresh rad grow useA a w cap cmpd type len d sp prst dist dir
blurRad kx ky stA stPos endA endPos fadeDir blend z extrusionH contourW prstMaterial h fov zoom rig lat lon rev x y dx
dy dz cx cy flipH flipV rot fmla minX maxX minY maxY gdRefX gdRefY gdRefR gdRefAng minR maxR minAng maxAng hR wR stAng
swAng stroke fill extrusionOk uri noGrp noDrilldown noSelect noChangeAspect noMove noResize noRot noEditPoints
noAdjustHandles noChangeArrowheads noChangeShapeType noCrop noTextEdit noUngrp id spcFirstLastPara vertOverflow
horzOverflow vert wrap lIns tIns rIns bIns numCol spcCol rtlCol fromWordArt anchor anchorCtr forceAA upright
compatLnSpc fontScale lnSpcReduction marL marR lvl indent defTabSz rtl eaLnBrk fontAlgn latinLnBrk hangingPunct
startAt char sz i u strike kern cap spc normalizeH baseline kumimoji tooltip action history highlightClick endSnd
firstRow firstCol lastRow lastCol bandRow bandCol def styleId styleName gridSpan rowSpan hMerge
vMerge marT marB horzOverflow bg1 tx1 bg2 tx2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink ref on
bld animBg seriesIdx categoryIdx bldStep descr title hidden txBox useBgFill preferRelativeResize k
"""

CHART_ELEMENTS = """
chartSpace date1904 roundedCorners style clrMapOvr chart title tx rich strRef f strCache numRef numCache numLit strLit
multiLvlStrRef multiLvlStrCache lvl formatCode ptCount pt v layout manualLayout layoutTarget xMode yMode wMode hMode x
y w h overlay autoTitleDeleted pivotFmts pivotFmt view3D rotX hPercent rotY depthPercent rAngAx perspective floor
thickness sideWall backWall plotArea barChart bar3DChart lineChart line3DChart areaChart area3DChart pieChart
pie3DChart doughnutChart ofPieChart scatterChart radarChart bubbleChart stockChart surfaceChart surface3DChart barDir
grouping varyColors ser idx order spPr invertIfNegative pictureOptions applyToFront applyToSides applyToEnd
pictureFormat pictureStackUnit dPt bubble3D explosion marker symbol size dLbls dLbl delete numFmt txPr dLblPos
showLegendKey showVal showCatName showSerName showPercent showBubbleSize separator showLeaderLines leaderLines
trendline name trendlineType order period forward backward intercept dispRSqr dispEq trendlineLbl errBars errDir
errBarType errValType noEndCap plus minus val cat xVal yVal bubbleSize shape smooth gapWidth gapDepth overlap serLines
dropLines hiLowLines upDownBars upBars downBars firstSliceAng holeSize ofPieType splitType splitPos custSplit
secondPiePt secondPieSize scatterStyle radarStyle bubbleScale showNegBubbles sizeRepresents wireframe bandFmts bandFmt
axId catAx valAx dateAx serAx scaling logBase orientation max min axPos majorGridlines minorGridlines majorTickMark
minorTickMark tickLblPos crossAx crosses crossesAt crossBetween auto lblAlgn lblOffset noMultiLvlLbl tickLblSkip
tickMarkSkip majorUnit minorUnit baseTimeUnit majorTimeUnit minorTimeUnit dispUnits custUnit builtInUnit dispUnitsLbl
dTable showHorzBorder showVertBorder showOutline showKeys legend legendPos legendEntry plotVisOnly dispBlanksAs
userShapes c
"""
CHART_ATTRIBUTES = "val formatCode idx sourceLinked ptCount"

CHART_DRAWING_ELEMENTS = """
relSizeAnchor absSizeAnchor from to x y ext sp grpSp graphicFrame cxnSp pic nvSpPr cNvPr cNvSpPr spPr style txBody
nvGrpSpPr cNvGrpSpPr grpSpPr nvCxnSpPr cNvCxnSpPr nvPicPr cNvPicPr blipFill nvGraphicFramePr cNvGraphicFramePr xfrm
"""
CHART_DRAWING_ATTRIBUTES = "macro textlink fLocksText fPublished id name descr title hidden cx cy txBox"

PICTURE_ELEMENTS = "pic nvPicPr cNvPr cNvPicPr blipFill spPr style"
PICTURE_ATTRIBUTES = "id name descr title hidden preferRelativeResize rotWithShape dpi"

DIAGRAM_ELEMENTS = """
relIds dataModel ptLst pt prSet presLayoutVars orgChart chMax chPref bulletEnabled dir hierBranch animOne animLvl
resizeHandles style spPr t cxnLst cxn bg whole layoutDef title desc catLst cat sampData styleData clrData layoutNode
alg param shape adjLst adj presOf constrLst constr ruleLst rule varLst forEach choose if else styleDef styleLbl
scene3d sp3d txPr colorsDef fillClrLst linClrLst effectClrLst txLinClrLst txFillClrLst txEffectClrLst
"""
DIAGRAM_ATTRIBUTES = """
modelId type cxnId srcId destId srcOrd destOrd parTransId sibTransId presId presAssocID presName presStyleLbl
presStyleIdx presStyleCnt loTypeId loCatId qsTypeId qsCatId csTypeId csCatId coherent3DOff phldrT phldr custAng
custFlipVert custFlipHor custSzX custSzY custScaleX custScaleY custT custLinFactX custLinFactY custLinFactNeighborX
custLinFactNeighborY custRadScaleRad custRadScaleInc val uniqueId minVer defStyle pri name styleLbl chOrder moveWith
rot zOrderOff hideGeom lkTxEntry blipPhldr axis ptType hideLastTrans st cnt step for forName refType refFor refForName
refPtType op fact max func arg ref meth idx useDef
"""
DIAGRAM_DRAWING_ELEMENTS = """
drawing spTree nvGrpSpPr cNvPr cNvGrpSpPr grpSpPr sp nvSpPr cNvSpPr spPr style txBody txXfrm grpSp dataModelExt
"""
DIAGRAM_DRAWING_ATTRIBUTES = "modelId id name descr title hidden txBox relId minVer useBgFill"

SHEET_DRAWING_ELEMENTS = """
wsDr twoCellAnchor oneCellAnchor absoluteAnchor from to col colOff row rowOff pos ext clientData sp nvSpPr cNvPr
cNvSpPr spPr style txBody grpSp nvGrpSpPr cNvGrpSpPr grpSpPr graphicFrame nvGraphicFramePr cNvGraphicFramePr xfrm
cxnSp nvCxnSpPr cNvCxnSpPr pic nvPicPr cNvPicPr blipFill
"""
SHEET_DRAWING_ATTRIBUTES = """
editAs fLocksWithSheet fPrintsWithSheet id name descr title hidden textlink fLocksText fPublished x y cx cy txBox
preferRelativeResize rotWithShape
"""

VML_ELEMENTS = """
shape shapetype group rect roundrect oval line polyline curve arc image background path formulas f handles h fill
stroke shadow textbox textpath imagedata
"""
VML_ATTRIBUTES = """
id style type coordsize coordorigin path adj filled fillcolor stroked strokecolor strokeweight opacity rotation from
to arcsize points startAngle endAngle control1 control2 print wrapcoords alt on color color2 offset offset2 origin
obscured matrix angle focus focussize focusposition method rotate aspect alignshape size joinstyle miterlimit endcap
dashstyle startarrow endarrow startarrowwidth startarrowlength endarrowwidth endarrowlength linestyle weight inset
string trim fitpath fitshape xscale croptop cropbottom cropleft cropright gain blacklevel gamma grayscale bilevel
chromakey eqn position polar radiusrange xrange yrange switch invx invy map gradientshapeok textpathok strokeok fillok
shadowok arrowok textboxrect connecttype limo allowincell opacity2 bwmode insetpen insetmode
"""
OFFICE_ELEMENTS = "lock extrusion callout shapelayout idmap top left bottom right column"
OFFICE_ATTRIBUTES = """
spid spt connecttype allowincell allowoverlap insetmode hr hralign hrstd hrnoshade hrpct bwmode relid preferrelative
connectangles connectlocs extrusionok opacity2 detectmouseclick borderbottomcolor bordertopcolor borderleftcolor
borderrightcolor
"""
OFFICE_PLAIN = """
ext aspectratio rotation text shapetype grouping verticies position selection adjusthandles cropping ungrouping on
type render color data viewpoint viewpointorigin skewangle skewamt brightness lightposition lightposition2 lightlevel
lightlevel2 lightharsh lightharsh2 diffusity specularity shininess backdepth foredepth metal edge facet plane
lockrotationcenter autorotationcenter colormode orientation orientationangle gap angle dropauto drop distance
lengthspecified length accentbar textborder minusx minusy weight color2 joinstyle
"""
WORD_VML_ELEMENTS = "wrap anchorlock borderleft borderright bordertop borderbottom"
WORD_VML_ATTRIBUTES = "type side anchorx anchory width shadow"
