"""PresentationML (ISO/IEC 29500-1, clause 19), without what tells: comments, tags, authors, controls, printer settings."""

from __future__ import annotations

ELEMENTS = """
presentation sldMasterIdLst sldMasterId notesMasterIdLst notesMasterId sldIdLst sldId sldSz notesSz defaultTextStyle
kinsoku sld sldLayout sldMaster notes notesMaster cSld bg bgPr bgRef spTree nvGrpSpPr cNvPr cNvGrpSpPr nvPr grpSpPr sp
nvSpPr cNvSpPr spPr style txBody grpSp graphicFrame nvGraphicFramePr cNvGraphicFramePr xfrm cxnSp nvCxnSpPr cNvCxnSpPr
pic nvPicPr cNvPicPr blipFill ph clrMap clrMapOvr sldLayoutIdLst sldLayoutId txStyles titleStyle bodyStyle otherStyle
notesStyle hf transition blinds checker circle dissolve comb cover cut diamond fade newsflash plus pull push random
randomBar split strips wedge wheel wipe zoom sndAc stSnd endSnd snd timing tnLst par seq excl cTn childTnLst subTnLst
stCondLst endCondLst prevCondLst nextCondLst endSync cond tgtEl spTgt sldTgt sndTgt inkTgt bg subSp oleChartEl txEl
charRg pRg graphicEl tn rtn iterate tmAbs tmPct anim animClr animEffect animMotion animRot animScale cmd set cBhvr
attrNameLst attrName to by from rCtr tavLst tav val boolVal clrVal fltVal intVal strVal rgb hsl progress audio video
cMediaNode bldLst bldP bldDgm bldGraphic bldAsOne bldSub tmplLst tmpl
"""

ATTRIBUTES = """
firstSlideNum showSpecialPlsOnTitleSld rtl compatMode strictFirstAndLastChars autoCompressPictures id cx cy type show
showMasterSp showMasterPhAnim matchingName preserve userDrawn bwMode idx name descr title hidden isPhoto orient sz
hasCustomPrompt sldNum hdr ftr dt spd advClick advTm dir thruBlk spokes loop concurrent nextAc prevAc presetID
presetClass presetSubtype dur repeatCount repeatDur accel decel autoRev restart fill syncBehavior tmFilter evtFilter
display masterRel bldLvl grpId afterEffect nodeType nodePh evt delay spid val calcmode valueType by from to clrSpc
transition filter prLst origin path pathEditMode rAng ptsTypes x y override xfrmType rctx additive accumulate
runtimeContext st end r g b h s l cmd vol mute numSld showWhenStopped fullScrn isNarration build animBg rev advAuto
uiExpand bld txBox useBgFill preferRelativeResize rotWithShape bg1 tx1 bg2 tx2 accent1 accent2 accent3 accent4 accent5
accent6 hlink folHlink tm fmla zoomContents lvl
"""
