; The installer for Windows: for the one who runs it, in their own folder, without an administrator. Compiled by
; packaging/windows/products.py, in a folder that holds what belongs to this build: values.nsh, files.nsh and the pictures.
;
; It connects to nothing and starts nothing unasked. What it writes outside its folder: the entry in the Start menu, and below
; HKEY_CURRENT_USER its entry among the installed apps, the offer to open mailto: links, and where `torsend` is found.
;
; torsend-VERSION-windows-x64.exe [/S] [/D=FOLDER]          /S: asks nothing; /D last, without quotes
; uninstall.exe [/S] [/WIPE]                                /WIPE: also `torsend wipe --yes`
;
; Ends with 0 if all is done; 1, 2: cancelled; 5: Torsend is running; 6: a newer one is installed; 7: not for this Windows;
; 8: the older one could not be removed; 9: not all could be wiped.

Unicode True
!include values.nsh
!include files.nsh

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include WinVer.nsh
!include x64.nsh
!include Integration.nsh

!define PROGID "${NAME}.mailto"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define CAPABILITIES "Software\${NAME}\Capabilities"
!define APP_PATH "Software\Microsoft\Windows\CurrentVersion\App Paths\torsend.exe"
; Windows 10, 1809: the oldest that Qt 6 runs on.
!define OLDEST_BUILD 17763

Name "${NAME}"
OutFile "${PRODUCT}"
BrandingText "${NAME} ${VERSION}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
; One dictionary for all files: a third smaller.
SetCompressor /SOLID lzma
; Each file has the time stamp that all of a build's files have, not that of the hour in which somebody installed it.
SetDateSave on
AllowSkipFiles off
CRCCheck force
ManifestSupportedOS Win10
ManifestDPIAware True
ShowInstDetails hide
ShowUninstDetails hide

!define MUI_ICON torsend.ico
!define MUI_UNICON torsend.ico
!define MUI_WELCOMEFINISHPAGE_BITMAP side.bmp
!define MUI_UNWELCOMEFINISHPAGE_BITMAP side.bmp
!define MUI_WELCOMEPAGE_TITLE "$(WelcomeTitle)"
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!define MUI_FINISHPAGE_TITLE "$(FinishTitle)"
!define MUI_FINISHPAGE_TEXT "$(FinishText)"
!define MUI_FINISHPAGE_RUN "$INSTDIR\torsend-gui.exe"
!define MUI_FINISHPAGE_RUN_TEXT "$(FinishRun)"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
UninstPage custom un.AskWhatStays un.TakeWhatStays
!insertmacro MUI_UNPAGE_INSTFILES

; The first is taken where Windows speaks none of them.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!include "${__FILEDIR__}/words.nsh"

VIProductVersion "${VERSION_NUMBERS}"
!macro VersionInLanguage LANGUAGE
  VIAddVersionKey /LANG=${LANGUAGE} "ProductName" "${NAME}"
  VIAddVersionKey /LANG=${LANGUAGE} "ProductVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileDescription" "${NAME}"
  VIAddVersionKey /LANG=${LANGUAGE} "CompanyName" "${PUBLISHER}"
  VIAddVersionKey /LANG=${LANGUAGE} "LegalCopyright" "GPL-3.0-or-later"
!macroend
!insertmacro VersionInLanguage ${LANG_ENGLISH}
!insertmacro VersionInLanguage ${LANG_GERMAN}

Var Wipe
Var WipeBox
Var Upgrade

!macro EndWith STATUS
  SetErrorLevel ${STATUS}
  Quit
!macroend

; --- while it runs, nothing is changed ------------------------------------------------------------------------------

; Windows lets nobody write to a program that runs: no list of processes need be asked for.
!macro CheckProgram FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      StrCpy $1 "running"
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

!macro DefineStopIfRunning UN
  Function ${UN}StopIfRunning
    ${Do}
      StrCpy $1 ""
      !insertmacro CheckProgram "torsend-gui.exe"
      !insertmacro CheckProgram "torsend.exe"
      !insertmacro CheckProgram "lib\programs\tor.exe"
      ${If} $1 == ""
        Return
      ${EndIf}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY +3
        SetErrorLevel 5
        Quit
    ${Loop}
  FunctionEnd
!macroend
!insertmacro DefineStopIfRunning ""
!insertmacro DefineStopIfRunning "un."

; --- installing -----------------------------------------------------------------------------------------------------

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    MessageBox MB_OK|MB_ICONSTOP "$(TooOld)" /SD IDOK
    !insertmacro EndWith 7
  ${EndIf}
  ReadRegStr $0 HKCU "${UNINSTALL}" "DisplayVersion"
  ${If} $0 != ""
    ${VersionCompare} "$0" "${VERSION}" $1
    ${If} $1 == 1
      MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(Newer)" /SD IDNO IDYES +3
        SetErrorLevel 6
        Quit
    ${EndIf}
  ${EndIf}
  Call StopIfRunning
FunctionEnd

Section
  ; It may have been started while the first page was open.
  Call StopIfRunning
  ; Windows knows one for each person: with /D it may lie elsewhere than this one will.
  ReadRegStr $R0 HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $R0 == ""
  ${OrIfNot} ${FileExists} "$R0\uninstall.exe"
    StrCpy $R0 "$INSTDIR"
  ${EndIf}
  ${If} ${FileExists} "$R0\uninstall.exe"
    ; The older one knows which files are its own. What Windows knows of it stays, a choice for mailto: links too.
    DetailPrint "$(RemovingOlder)"
    ClearErrors
    ExecWait '"$R0\uninstall.exe" /S /UPGRADE _?=$R0' $0
    ${If} ${Errors}
    ${OrIf} $0 != 0
      MessageBox MB_OK|MB_ICONSTOP "$(OlderStays)" /SD IDOK
      SetErrorLevel 8
      Abort "$(OlderStays)"
    ${EndIf}
    ; While it ran it could not remove itself.
    Delete "$R0\uninstall.exe"
    RMDir "$R0"
  ${EndIf}

  ; First what removes it, so that even half of it can be removed.
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\torsend-gui.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KIB}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1

  !insertmacro PutFiles

  ; The working folder of what the entry starts.
  SetOutPath "$INSTDIR"
  CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\torsend-gui.exe" "" "" "" SW_SHOWNORMAL "" "$(Comment)"
  WriteRegStr HKCU "${APP_PATH}" "" "$INSTDIR\torsend.exe"

  ; It offers itself for mailto: links; the person chooses in Windows' settings, nothing is taken from another program.
  ; https://learn.microsoft.com/windows/win32/shell/default-programs
  WriteRegStr HKCU "Software\Classes\${PROGID}" "" "URL:mailto"
  WriteRegStr HKCU "Software\Classes\${PROGID}" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\${PROGID}\DefaultIcon" "" "$INSTDIR\torsend-gui.exe,0"
  WriteRegStr HKCU "Software\Classes\${PROGID}\shell\open\command" "" '"$INSTDIR\torsend-gui.exe" compose "%1"'
  WriteRegStr HKCU "${CAPABILITIES}" "ApplicationName" "${NAME}"
  WriteRegStr HKCU "${CAPABILITIES}" "ApplicationDescription" "$(Comment)"
  WriteRegStr HKCU "${CAPABILITIES}" "ApplicationIcon" "$INSTDIR\torsend-gui.exe,0"
  WriteRegStr HKCU "${CAPABILITIES}\URLAssociations" "mailto" "${PROGID}"
  WriteRegStr HKCU "Software\RegisteredApplications" "${NAME}" "${CAPABILITIES}"
  ${NotifyShell_AssocChanged}
SectionEnd

; --- removing -------------------------------------------------------------------------------------------------------

Function un.onInit
  StrCpy $Wipe 0
  StrCpy $Upgrade 0
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/UPGRADE" $1
  ${IfNot} ${Errors}
    StrCpy $Upgrade 1
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/WIPE" $1
  ${IfNot} ${Errors}
    StrCpy $Wipe 1
  ${EndIf}
  Call un.StopIfRunning
FunctionEnd

Function un.AskWhatStays
  !insertmacro MUI_HEADER_TEXT "$(RemoveTitle)" "$(RemoveSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 66u "$(RemoveText)"
  Pop $0
  ${NSD_CreateCheckbox} 0 72u 100% 12u "$(WipeBoxText)"
  Pop $WipeBox
  ${NSD_SetState} $WipeBox $Wipe
  ${NSD_CreateLabel} 0 90u 100% 48u "$(RemoveTraces)"
  Pop $0
  GetDlgItem $0 $HWNDPARENT 1
  SendMessage $0 ${WM_SETTEXT} 0 "STR:$(RemoveButton)"
  nsDialogs::Show
FunctionEnd

Function un.TakeWhatStays
  ${NSD_GetState} $WipeBox $Wipe
  ${If} $Wipe == ${BST_CHECKED}
    MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(WipeSure)" IDYES +2
      Abort
  ${EndIf}
FunctionEnd

Section "Uninstall"
  Call un.StopIfRunning
  ${If} $Wipe == 1
    ; By the program itself, before it goes: it alone knows all that it keeps, the entries in Windows' keyring too.
    DetailPrint "$(Wiping)"
    nsExec::ExecToLog '"$INSTDIR\torsend.exe" wipe --yes'
    Pop $0
    ${If} $0 != 0
      MessageBox MB_OK|MB_ICONSTOP "$(WipeFailed)" /SD IDOK
      SetErrorLevel 9
      Abort "$(WipeFailed)"
    ${EndIf}
  ${EndIf}

  SetOutPath "$TEMP"
  !insertmacro RemoveFiles
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  ${If} $Upgrade == 1
    Return
  ${EndIf}

  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegValue HKCU "Software\RegisteredApplications" "${NAME}"
  DeleteRegKey HKCU "${CAPABILITIES}"
  DeleteRegKey /ifempty HKCU "Software\${NAME}"
  DeleteRegKey HKCU "Software\Classes\${PROGID}"
  DeleteRegKey HKCU "${APP_PATH}"
  DeleteRegKey HKCU "${UNINSTALL}"
  ${NotifyShell_AssocChanged}
SectionEnd
