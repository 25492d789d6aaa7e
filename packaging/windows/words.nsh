; What the installer says. Every sentence in every language: a missing one ends the compiling.

!macro Say NAME ENGLISH GERMAN
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_GERMAN} "${GERMAN}"
!macroend

!insertmacro Say Comment \
  "Write an email and send it so that its origin is hard to trace" \
  "Eine E-Mail schreiben und so senden, dass ihre Herkunft schwer zu verfolgen ist"
!insertmacro Say WelcomeTitle "${NAME} ${VERSION}" "${NAME} ${VERSION}"
!insertmacro Say WelcomeText \
  "This installs ${NAME} for you alone. No administrator is needed.$\r$\n$\r$\nNothing connects to the internet now, nor later before you say so.$\r$\n$\r$\nWhoever looks at this computer will see that ${NAME} is installed." \
  "Hiermit wird ${NAME} nur für Sie installiert. Sie brauchen dazu keine Administratorrechte.$\r$\n$\r$\nEs wird jetzt keine Verbindung zum Internet aufgebaut, und auch später nicht, bevor Sie es sagen.$\r$\n$\r$\nWer sich diesen Computer ansieht, wird sehen, dass ${NAME} installiert ist."
!insertmacro Say FinishTitle "${NAME} is installed" "${NAME} ist installiert"
!insertmacro Say FinishText \
  "You will find it in the Start menu. It asks first whether to connect to Tor." \
  "Sie finden es im Startmenü. Es fragt zuerst, ob es sich mit Tor verbinden soll."
!insertmacro Say FinishRun "Open ${NAME} now" "${NAME} jetzt öffnen"
!insertmacro Say Running \
  "${NAME} is running. Nothing has been changed.$\r$\n$\r$\nClose its window, wait until a mail on its way has left, and choose Retry." \
  "${NAME} läuft noch. Es wurde nichts verändert.$\r$\n$\r$\nSchließen Sie sein Fenster, warten Sie, bis eine Mail, die unterwegs ist, abgeschickt ist, und wählen Sie „Wiederholen“."
!insertmacro Say TooOld \
  "${NAME} needs Windows 10 (1809) or later, 64-bit. Nothing has been changed." \
  "${NAME} braucht Windows 10 (1809) oder neuer, 64 Bit. Es wurde nichts verändert."
!insertmacro Say Newer \
  "A newer ${NAME}, $0, is installed. An older one may not be able to read what that has kept, and lacks its repairs.$\r$\n$\r$\nPut the older ${VERSION} in its place?" \
  "Ein neueres ${NAME}, $0, ist installiert. Ein älteres kann womöglich nicht lesen, was jenes aufbewahrt hat, und ihm fehlen dessen Fehlerbehebungen.$\r$\n$\r$\nDas ältere ${VERSION} an seine Stelle setzen?"
!insertmacro Say RemovingOlder "Removing the older version" "Die ältere Version wird entfernt"
!insertmacro Say OlderStays \
  "The older ${NAME} could not be removed, so the new one was not installed. Your mail and identities are untouched. Restart the computer and try again." \
  "Das ältere ${NAME} ließ sich nicht entfernen, darum wurde das neue nicht installiert. Ihre Mails und Identitäten sind unberührt. Starten Sie den Computer neu und versuchen Sie es noch einmal."
!insertmacro Say RemoveTitle "Remove ${NAME}" "${NAME} entfernen"
!insertmacro Say RemoveSubtitle "What goes, and what stays." "Was verschwindet und was bleibt."
!insertmacro Say RemoveText \
  "The program goes.$\r$\n$\r$\nYour identities, drafts and mail that waits stay, encrypted, in$\r$\n$LOCALAPPDATA\${NAME},$\r$\nand so do passwords in Windows’ Credential Manager, for when you install ${NAME} again. Without it you can’t remove them by “torsend wipe” any more." \
  "Das Programm verschwindet.$\r$\n$\r$\nIhre Identitäten, Entwürfe und wartenden Mails bleiben verschlüsselt in$\r$\n$LOCALAPPDATA\${NAME},$\r$\nebenso die Passwörter in der Windows-Anmeldeinformationsverwaltung, falls Sie ${NAME} wieder installieren. Ohne das Programm können Sie sie nicht mehr mit „torsend wipe“ entfernen."
!insertmacro Say WipeBoxText \
  "Remove all of that as well, for good" \
  "Auch all das endgültig entfernen"
!insertmacro Say RemoveTraces \
  "Windows itself may go on remembering that ${NAME} was here: in lists of programs that were opened, in restore points and backups. No program can remove all of that." \
  "Windows selbst erinnert sich womöglich weiter daran, dass ${NAME} hier war: in Listen geöffneter Programme, in Wiederherstellungspunkten und Sicherungen. Kein Programm kann all das entfernen."
!insertmacro Say RemoveButton "&Remove" "&Entfernen"
!insertmacro Say WipeSure \
  "Identities, drafts, mail that waits and passwords are removed for good. Mail that waits is not sent, and nothing brings it back.$\r$\n$\r$\nGo on?" \
  "Identitäten, Entwürfe, wartende Mails und Passwörter werden endgültig entfernt. Wartende Mails werden nicht gesendet, und nichts bringt sie zurück.$\r$\n$\r$\nFortfahren?"
!insertmacro Say Wiping "Removing what ${NAME} keeps" "Was ${NAME} aufbewahrt, wird entfernt"
!insertmacro Say WipeFailed \
  "Not all that ${NAME} keeps could be removed, so the program stays. Open a console and run “torsend wipe” to see why." \
  "Nicht alles, was ${NAME} aufbewahrt, ließ sich entfernen; darum bleibt das Programm. Öffnen Sie eine Konsole und starten Sie „torsend wipe“, um zu sehen, warum."
