/** Made by scripts/message-params.ts from en.json: what each sentence needs. Those that need nothing are not here. */
export interface MessageParams {
  'access.askAgain.done': { name: 'Text' }
  'access.askAgain.title': { name: 'Text' }
  'access.clientForm.isNotAFull': { bad: 'Text' }
  'access.connection.isConnected': { name: 'Text' }
  'access.connection.letBackIn': { name: 'Text' }
  'access.connection.letIn': { name: 'Text' }
  'access.connection.workspace': { workspace: 'Text' }
  'access.grant.calls': { count: 'Count' }
  'access.grant.detailsOf': { name: 'Text' }
  'access.grant.goesBackTo': { host: 'Text' }
  'access.grant.keyCreated': { day: 'Text' }
  'access.grant.letIn': { day: 'Text' }
  'access.grant.revokeName': { name: 'Text' }
  'access.grant.seen': { when: 'Text' }
  'access.grant.seenAt': { when: 'Text'; where: 'Text' }
  'access.grant.whatMayDo': { name: 'Text' }
  'access.grant.workspace': { workspace: 'Text' }
  'access.registered.clientIdOf': { name: 'Text' }
  'access.registered.registered': { day: 'Text' }
  'access.registered.removeTitle': { name: 'Text' }
  'access.revoke.title': { name: 'Text' }
  'access.session.notUsed': { since: 'Text' }
  'access.session.used': { since: 'Text'; when: 'Text' }
  'access.tools.away': { count: 'Count' }
  'access.tools.hideToolsOf': { title: 'Text' }
  'access.tools.share': { chosen: 'Text'; all: 'Text' }
  'access.tools.showToolsOf': { title: 'Text' }
  'activity.noCallHasIn': { search: 'Text' }
  'activity.row.more': { count: 'Count' }
  'approvals.detailsOf': { count: 'Count' }
  'approvals.moreAfterThis': { count: 'Text' }
  'approvals.noAnswerMeansNo': { left: 'Text' }
  'approvals.text': { risk: 'Text' }
  'approvals.unheard.nothingHasRunYet': { left: 'Text' }
  'approvals.wantsToUse': { client: 'Text'; tool: 'Text' }
  'bridge.leadAndNeeds': { lead: 'Text'; needs: 'Count' }
  'bridge.spoken': { title: 'Text'; lead: 'Text' }
  'command.fullPath': { isWindows: 'Choice' }
  'command.onlyTheProgram': { first: 'Text' }
  'common.left': { left: 'Text' }
  'common.removeOne': { name: 'Text' }
  'common.usual': { value: 'Text' }
  'connect.inside.anotherMayAsk': { left: 'Text' }
  'connect.inside.done': { name: 'Text' }
  'connect.inside.goingBackToWhich': { name: 'Text' }
  'connect.inside.in': { name: 'Text' }
  'connect.inside.sayThisTo': { name: 'Text' }
  'connect.inside.stuck': { name: 'Text' }
  'connect.step.done': { number: 'Text' }
  'connect.step.failed': { number: 'Text' }
  'connect.step.later': { number: 'Text' }
  'connect.step.now': { number: 'Text' }
  'connect.theseStepsWereLast': { edition: 'Text' }
  'connect.window.readyForMoreMinutes': { left: 'Text' }
  'connectors.addAccountFor': { name: 'Text' }
  'connectors.changeAccount': { account: 'Text' }
  'connectors.changeAccountOf': { account: 'Text'; name: 'Text' }
  'connectors.forgetTitle': { account: 'Text' }
  'connectors.forgotten': { account: 'Text' }
  'connectors.isSetUp': { name: 'Text' }
  'connectors.keptHint': { hint: 'Text' }
  'connectors.notReady': { about: 'Text' }
  'connectors.setUpOne': { name: 'Text' }
  'connectors.wantsScopes': { hint: 'Text'; scopes: 'Text' }
  'doctor.checkedLocal': { url: 'Text'; when: 'Text' }
  'doctor.checkedPublic': { url: 'Text'; when: 'Text' }
  'doctor.failed.count': { count: 'Count' }
  'doctor.goingOutAndComing': { host: 'Text' }
  'doctor.ok.count': { count: 'Text' }
  'doctor.skipped.count': { count: 'Text' }
  'doctor.warning.count': { count: 'Text' }
  'duration.minutes': { count: 'Count' }
  'duration.seconds': { count: 'Count' }
  'elsewhere.accepted': { there: 'Text'; names: 'Text' }
  'elsewhere.adminKeyMade': { there: 'Text' }
  'elsewhere.bridgeLowered': { there: 'Text' }
  'elsewhere.browserLetIn': { there: 'Text' }
  'elsewhere.byProgram': { time: 'Text' }
  'elsewhere.callAllowed': { client: 'Text'; tool: 'Text'; there: 'Text' }
  'elsewhere.clientRegistered': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.connectorChanged': { slug: 'Text'; name: 'Text'; there: 'Text' }
  'elsewhere.grantChanged': { name: 'Text'; there: 'Text'; access: 'Text' }
  'elsewhere.keyMade': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.letIn': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.localPages': { pages: 'Text' }
  'elsewhere.onCommandLine': { time: 'Text' }
  'elsewhere.serverAdded': { name: 'Text'; there: 'Text' }
  'elsewhere.serverChanged': { name: 'Text'; there: 'Text' }
  'elsewhere.serverStarted': { name: 'Text'; isFirst: 'Choice'; there: 'Text' }
  'elsewhere.serverTold': { name: 'Text'; there: 'Text' }
  'elsewhere.settingsChanged': { what: 'Text'; there: 'Text' }
  'elsewhere.toolNamed': { id: 'Text'; alias: 'Text'; there: 'Text' }
  'elsewhere.toolUsed': { name: 'Text'; there: 'Text' }
  'elsewhere.windowOpened': { there: 'Text' }
  'elsewhere.workspaceChanged': { name: 'Text'; there: 'Text' }
  'error.bad-domain.message': { odd: 'Text' }
  'error.bad-input-at.hint': { where: 'Text' }
  'error.bad-input-at.message': { problem: 'Text' }
  'error.bad-input.message': { problem: 'Text' }
  'error.bad-page.message': { page: 'Text' }
  'error.command-no-full-path.hint': { hint: 'Text' }
  'error.command-no-full-path.message': { command: 'Text' }
  'error.command-no-program.hint': { hint: 'Text' }
  'error.command-no-program.message': { command: 'Text' }
  'error.command-not-found-here.hint': { hint: 'Text' }
  'error.command-not-found-here.message': { command: 'Text' }
  'error.command-not-found.message': { command: 'Text' }
  'error.command-nowhere.hint': { hint: 'Text' }
  'error.command-nowhere.message': { command: 'Text' }
  'error.data-folder-circle.message': { folder: 'Text' }
  'error.data-folder-link.message': { path: 'Text'; isLink: 'Choice' }
  'error.data-folder-open.hint': { folder: 'Text' }
  'error.data-folder-open.message': { folder: 'Text' }
  'error.data-folder-theirs.message': { folder: 'Text' }
  'error.draft-not-seen-server.message': { name: 'Text' }
  'error.folder-gone.hint': { cwd: 'Text' }
  'error.folder-gone.message': { name: 'Text' }
  'error.folder-too-wide.message': { folder: 'Text' }
  'error.http-401.message': { name: 'Text' }
  'error.http-402.message': { name: 'Text'; quote: 'Text' }
  'error.http-403.message': { name: 'Text'; quote: 'Text' }
  'error.http-407.message': { host: 'Text' }
  'error.http-413.message': { name: 'Text' }
  'error.http-421.message': { name: 'Text'; host: 'Text'; quote: 'Text' }
  'error.http-426.message': { name: 'Text'; quote: 'Text' }
  'error.http-429.hint': { later: 'Text' }
  'error.http-429.message': { name: 'Text' }
  'error.http-431.message': { name: 'Text' }
  'error.http-451.message': { name: 'Text'; quote: 'Text' }
  'error.http-511.message': { host: 'Text' }
  'error.http-busy.hint': { later: 'Text' }
  'error.http-busy.message': { name: 'Text'; status: 'Text' }
  'error.http-not-accepted.message': { name: 'Text'; status: 'Text'; quote: 'Text' }
  'error.http-not-now.hint': { later: 'Text' }
  'error.http-not-now.message': { name: 'Text'; status: 'Text'; quote: 'Text' }
  'error.http-nothing-there.message': { host: 'Text'; status: 'Text'; quote: 'Text' }
  'error.http-other-host.message': { name: 'Text'; host: 'Text'; status: 'Text'; quote: 'Text' }
  'error.http-own-problem.message': { name: 'Text'; status: 'Text'; quote: 'Text' }
  'error.http-redirect.message': { name: 'Text'; isKnown: 'Choice'; to: 'Text' }
  'error.http-refused-first.message': { name: 'Text'; quote: 'Text' }
  'error.http-session-forgotten.message': { name: 'Text' }
  'error.http-unreachable.message': { host: 'Text' }
  'error.http-unreadable.message': { name: 'Text'; isKnown: 'Choice'; type: 'Text' }
  'error.http-waited.message': { host: 'Text'; time: 'Text' }
  'error.http-way.hint': { whatToDo: 'Text' }
  'error.http-way.message': { why: 'Text' }
  'error.http-web-page.message': { host: 'Text'; isKnown: 'Choice'; status: 'Text'; quote: 'Text' }
  'error.keys-for-another.message': { name: 'Text'; host: 'Text' }
  'error.link-leads-out.message': { command: 'Text' }
  'error.name-reserved.message': { name: 'Text' }
  'error.name-taken-access.message': { name: 'Text' }
  'error.name-taken-client.message': { name: 'Text' }
  'error.name-taken-server.message': { name: 'Text' }
  'error.name-taken-tool-away.message': { name: 'Text' }
  'error.name-taken-tool.hint': { source: 'Text' }
  'error.name-taken-tool.message': { name: 'Text' }
  'error.name-taken-workspace.message': { name: 'Text' }
  'error.passphrase-unreadable.message': { fileVariable: 'Text' }
  'error.port-taken-pages.message': { port: 'Text'; reserved: 'Choice' }
  'error.port-taken-public.message': { port: 'Text' }
  'error.redirect-invalid.message': { uri: 'Text'; reason: 'Text' }
  'error.redirect-not-allowed.message': { host: 'Text' }
  'error.sandbox-missing.message': { name: 'Text' }
  'error.secret-missing-server.message': { name: 'Text'; server: 'Text' }
  'error.server-answer-broken.message': { name: 'Text' }
  'error.server-answer-dropped.message': { megabytes: 'Text' }
  'error.server-answer-unfit.message': { name: 'Text' }
  'error.server-answer-unreadable.message': { name: 'Text'; isEmpty: 'Choice' }
  'error.server-busy.message': { name: 'Text' }
  'error.server-died.message': {
    name: 'Text'
    how: 'Choice'
    signal: 'Text'
    exitCode: 'Text'
    quote: 'Text'
  }
  'error.server-down.message': { name: 'Text' }
  'error.server-downloading.message': { name: 'Text' }
  'error.server-error.hint': { isResting: 'Choice'; time: 'Text' }
  'error.server-error.message': { name: 'Text'; status: 'Text'; isSilent: 'Choice'; said: 'Text' }
  'error.server-invalid-folder.message': { folder: 'Text' }
  'error.server-invalid-header-name.message': { name: 'Text' }
  'error.server-invalid-header-own.message': { name: 'Text' }
  'error.server-invalid-header-twice.message': { name: 'Text' }
  'error.server-invalid-header.message': { name: 'Text' }
  'error.server-invalid-kind.message': { name: 'Text'; isProgram: 'Choice' }
  'error.server-invalid-variable-name.message': { name: 'Text' }
  'error.server-invalid-variable-twice.message': { name: 'Text' }
  'error.server-invalid-variable-value.message': { name: 'Text' }
  'error.server-keeps-stopping.message': { name: 'Text'; times: 'Text'; last: 'Text' }
  'error.server-needs-permission.message': { name: 'Text' }
  'error.server-refused.message': { name: 'Text' }
  'error.server-restarting.message': { name: 'Text' }
  'error.server-same-again.hint': { hint: 'Text' }
  'error.server-same-again.message': { name: 'Text'; times: 'Text'; last: 'Text' }
  'error.server-signed-out-now.message': { name: 'Text' }
  'error.server-signed-out.message': { name: 'Text' }
  'error.server-start-failed.message': { name: 'Text' }
  'error.server-stopped.message': { name: 'Text' }
  'error.server-timeout.message': { name: 'Text'; seconds: 'Text' }
  'error.server-version-unknown.message': { name: 'Text'; isKnown: 'Choice'; versions: 'Text' }
  'error.sign-in-declined.message': { name: 'Text' }
  'error.sign-in-failed.message': { name: 'Text' }
  'error.sign-in-needs-client.message': { name: 'Text' }
  'error.sign-in-not-accepted.message': { name: 'Text' }
  'error.sign-in-not-possible.message': { name: 'Text' }
  'error.sign-in-not-renewed.message': { name: 'Text' }
  'error.sign-in-nowhere.message': { name: 'Text' }
  'error.sign-in-other-issuer.message': { name: 'Text' }
  'error.sign-in-refused.message': { name: 'Text'; code: 'Text' }
  'error.sign-in-unreachable-way.hint': { whatToDo: 'Text' }
  'error.sign-in-unreachable-way.message': { name: 'Text'; why: 'Text' }
  'error.sign-in-unreachable.message': { name: 'Text' }
  'error.source-unknown.message': { unknown: 'Text' }
  'error.start-died.hint': { hint: 'Text' }
  'error.start-died.message': {
    name: 'Text'
    how: 'Choice'
    signal: 'Text'
    exitCode: 'Text'
    reason: 'Text'
  }
  'error.start-not-downloaded.hint': { triedAgain: 'Text' }
  'error.start-not-downloaded.message': { name: 'Text'; time: 'Text'; quote: 'Text' }
  'error.start-not-mcp.message': { name: 'Text' }
  'error.start-rubbish.message': { name: 'Text'; count: 'Count' }
  'error.start-silent-for.hint': { hint: 'Text' }
  'error.start-silent-for.message': { name: 'Text'; time: 'Text'; quote: 'Text' }
  'error.start-silent.message': { name: 'Text'; time: 'Text'; quote: 'Text' }
  'error.too-many-drafts.message': { maxDrafts: 'Text' }
  'error.too-many-servers.message': { name: 'Text'; count: 'Count' }
  'error.too-many-workspaces.message': { most: 'Text' }
  'error.tool-changed.message': { title: 'Text' }
  'error.tunnel-helper-missing.message': { title: 'Text' }
  'error.tunnel-helper-stopped.message': { title: 'Text' }
  'error.tunnel-said-no.message': { said: 'Text' }
  'error.tunnel-unreachable-way.hint': { whatToDo: 'Text' }
  'error.tunnel-unreachable-way.message': { why: 'Text' }
  'error.unknown-scope.hint': { offered: 'Text' }
  'error.unknown-scope.message': { scope: 'Text' }
  'error.vault-setting.message': { value: 'Text' }
  'error.way-certificate.message': { host: 'Text'; code: 'Text' }
  'error.way-closed.message': { host: 'Text' }
  'error.way-expired.message': { host: 'Text' }
  'error.way-no-answer.message': { host: 'Text' }
  'error.way-no-look-up.hint': { triedAgain: 'Text' }
  'error.way-no-look-up.message': { host: 'Text' }
  'error.way-no-such-name.message': { host: 'Text' }
  'error.way-no-way.message': { host: 'Text' }
  'error.way-not-http.message': { host: 'Text' }
  'error.way-not-https.message': { host: 'Text' }
  'error.way-not-valid-yet.message': { host: 'Text' }
  'error.way-other-name.message': { host: 'Text' }
  'error.way-proxy-password.message': { host: 'Text' }
  'error.way-proxy-refused.message': { host: 'Text'; status: 'Choice' }
  'error.way-proxy-unreachable.message': { proxy: 'Text'; host: 'Text' }
  'error.way-refused.message': { host: 'Text' }
  'error.way-self-signed.message': { host: 'Text' }
  'error.way-signed-by-unknown.message': { host: 'Text' }
  'error.workspace-unknown-choice.message': { name: 'Text' }
  'error.workspace-unknown.hint': { names: 'Text' }
  'error.workspace-unknown.message': { name: 'Text' }
  'error.wrong-digits.hint': { count: 'Count' }
  'exactRun.hidden': { value: 'Text' }
  'finding.notTried': { title: 'Text' }
  'firstStart.downloading': { minutes: 'Count' }
  'firstStart.mayDownload': { minutes: 'Count' }
  'health.alive': { when: 'Text' }
  'health.even': { usually: 'Text' }
  'health.requests': { count: 'Count' }
  'health.silent': { when: 'Text' }
  'health.trouble': { when: 'Text'; what: 'Text' }
  'health.uneven': { usually: 'Text'; slow: 'Text' }
  'home.connected.all': { count: 'Text' }
  'home.connected.cutOff': { when: 'Text' }
  'home.connected.lastSeen': { when: 'Text' }
  'home.moved.text': { count: 'Count' }
  'home.needs.overIn': { left: 'Text' }
  'home.needs.showMore': { more: 'Text' }
  'home.needs.waiting': { left: 'Text' }
  'home.version': { version: 'Text' }
  'kept.client.title': { name: 'Text' }
  'lastWords.docker.hint': { triedAgain: 'Text' }
  'lastWords.network.hint': { triedAgain: 'Text' }
  'limits.chosenTools': { count: 'Count' }
  'limits.days': { days: 'Count' }
  'limits.ended': { day: 'Text' }
  'limits.endsIn': { days: 'Text' }
  'limits.in': { days: 'Text' }
  'limits.line': { tools: 'Text'; end: 'Text' }
  'limits.until': { day: 'Text' }
  'list.and': { most: 'Text'; last: 'Text' }
  'lists.httpStatus': { status: 'Text'; said: 'Text' }
  'lists.late': { seconds: 'Text' }
  'lists.nothing': { count: 'Text' }
  'lists.serverSaid': { said: 'Text' }
  'native.from': { source: 'Text'; tool: 'Text' }
  'need.call': { name: 'Text'; what: 'Text' }
  'need.connection': { name: 'Text' }
  'need.draft': { name: 'Text' }
  'need.failed': { name: 'Text' }
  'need.heldBack': { name: 'Text' }
  'need.moved': { count: 'Count' }
  'need.signIn': { name: 'Text' }
  'need.silent': { name: 'Text' }
  'need.waiting': { name: 'Text' }
  'notice.address-changed.hint': { url: 'Text' }
  'notice.address-changed.message': { names: 'Text' }
  'notice.database-damaged.hint': { file: 'Text' }
  'notice.port-moved.message': { taken: 'Text'; port: 'Text' }
  'notification.call': { name: 'Text' }
  'notification.connectionText': { host: 'Text'; client: 'Text' }
  'offers.leftOut.aType': { type: 'Text' }
  'offers.leftOut.more': { count: 'Text' }
  'offers.leftOut.noSchema': { what: 'Text' }
  'offers.leftOut.oddPart': { part: 'Text'; problem: 'Text' }
  'offers.leftOut.oddParts': { what: 'Text' }
  'offers.leftOut.plainInput': { type: 'Text' }
  'offers.leftOut.tooLong': { kilobytes: 'Text' }
  'offers.prompts': { count: 'Count' }
  'offers.resources': { count: 'Count' }
  'offers.tools': { count: 'Count' }
  'origin.at': { host: 'Text' }
  'page.needsYou': { count: 'Count' }
  'page.title': { page: 'Text' }
  'page.toLookAt': { count: 'Text' }
  'page.waiting': { count: 'Text' }
  'part.inTime': { time: 'Text' }
  'part.itSays': { said: 'Text' }
  'part.lastWords': { said: 'Text' }
  'part.minutes': { count: 'Count' }
  'part.namesAndMore': { names: 'Text'; count: 'Text' }
  'part.seconds': { count: 'Count' }
  'putAside.waiting': { count: 'Count'; left: 'Text' }
  'redirect.scheme': { scheme: 'Text' }
  'scopes.onlyReadFrom': { sources: 'Text' }
  'served.fetched': { tools: 'Count'; when: 'Text' }
  'servers.add.wasAdded': { name: 'Text' }
  'servers.draft.title': { name: 'Text' }
  'servers.draft.wasStarted': { name: 'Text' }
  'servers.draftList.itWouldConnectTo': { host: 'Text' }
  'servers.draftList.lookAt': { name: 'Text' }
  'servers.draftList.moreAfterThese': { more: 'Text' }
  'servers.draftList.waitsForItsFirst': { name: 'Text' }
  'servers.edit.change': { name: 'Text' }
  'servers.edit.wasChanged': { name: 'Text' }
  'servers.facts.andMore': { more: 'Text' }
  'servers.facts.belongs': { own: 'Text'; owner: 'Text'; published: 'Text' }
  'servers.facts.cutOffText': { lists: 'Text' }
  'servers.facts.restarts': { count: 'Count' }
  'servers.facts.taken': { own: 'Text'; published: 'Text' }
  'servers.form.badHeader': { name: 'Text' }
  'servers.form.badVariable': { name: 'Text' }
  'servers.form.valueOf': { name: 'Text' }
  'servers.leftOut.andMore': { more: 'Text' }
  'servers.leftOut.list': { list: 'Text' }
  'servers.leftOut.one': { what: 'Text'; why: 'Text' }
  'servers.leftOut.prompt.named': { name: 'Text' }
  'servers.leftOut.resource.named': { name: 'Text' }
  'servers.leftOut.resourceTemplate.named': { name: 'Text' }
  'servers.leftOut.tool.named': { name: 'Text' }
  'servers.lineIn': { line: 'Text'; folder: 'Text' }
  'servers.newKey.keyFor': { name: 'Text' }
  'servers.newKey.sentAsToThis': { header: 'Text' }
  'servers.ownNames.off': { full: 'Text'; name: 'Text' }
  'servers.ownNames.on': { name: 'Text' }
  'servers.parts.detailsOf': { name: 'Text' }
  'servers.parts.enterAnotherKeyFor': { name: 'Text' }
  'servers.parts.startName': { name: 'Text' }
  'servers.parts.tryAgainName': { name: 'Text' }
  'servers.pasted.for': { where: 'Text' }
  'servers.pasted.keep': { count: 'Count' }
  'servers.pasted.kept': { count: 'Count' }
  'servers.pasted.readAs': { what: 'Text' }
  'servers.pasted.wasLeftOut': { text: 'Text' }
  'servers.remove.title': { name: 'Text' }
  'servers.remove.wasRemoved': { name: 'Text' }
  'servers.signIn.againTo': { name: 'Text' }
  'servers.signIn.ask': { b: 'Tag' }
  'servers.signIn.askAt': { b: 'Tag'; host: 'Text' }
  'servers.signIn.signOutOf': { name: 'Text' }
  'servers.signIn.signOutTitle': { name: 'Text' }
  'servers.signIn.signedInWith': { host: 'Text' }
  'servers.signIn.startOverSignIn': { name: 'Text' }
  'servers.signIn.to': { name: 'Text' }
  'servers.signIn.waitingAt': { b: 'Tag'; host: 'Text' }
  'servers.signIn.waitingCopy': { b: 'Tag' }
  'servers.startingIt': { how: 'Text' }
  'servers.wrong.isThereTwice': { name: 'Text' }
  'servers.wroteLast': { count: 'Count' }
  'settings.activityDays': { days: 'Count'; usual: 'Choice' }
  'settings.limits.megabytes': { value: 'Text' }
  'settings.limits.number': { value: 'Count' }
  'settings.listEditor.takeOffTheList': { entry: 'Text' }
  'settings.programKey.keyCreated': { when: 'Text' }
  'settings.version': { version: 'Text' }
  'spoken.protocol': { protocol: 'Text' }
  'spoken.since': { when: 'Text' }
  'time.day': { date: 'Text'; month: 'Text'; year: 'Text' }
  'time.daysAgo': { days: 'Text' }
  'time.hoursAgo': { hours: 'Text' }
  'time.minutesAgo': { minutes: 'Text' }
  'time.minutesAndSeconds': { minutes: 'Text'; seconds: 'Text' }
  'time.moment': { date: 'Text'; month: 'Text'; time: 'Text' }
  'time.month': { month: 'Choice' }
  'time.ms': { ms: 'Text' }
  'time.onDay': { day: 'Text' }
  'time.seconds': { seconds: 'Text' }
  'time.todayAt': { time: 'Text' }
  'time.yesterdayAt': { time: 'Text' }
  'tools.builtIn': { count: 'Count'; off: 'Count' }
  'tools.fresh': { count: 'Count' }
  'tools.newWait': { count: 'Count' }
  'tools.nothingWasFoundFor': { search: 'Text' }
  'tools.rename.itIsCalledNow': { name: 'Text' }
  'tools.rename.itself': { source: 'Text'; name: 'Text' }
  'tools.rename.others': { count: 'Text' }
  'tools.rename.title': { title: 'Text' }
  'tools.rename.whoSees': { names: 'Text'; count: 'Count' }
  'tools.review.acceptWhatSays': { title: 'Text' }
  'tools.review.leaveOffName': { title: 'Text' }
  'tools.review.useItName': { title: 'Text' }
  'tools.row.renameName': { title: 'Text' }
  'tools.row.yourNameFor': { original: 'Text' }
  'tools.safer': { count: 'Count' }
  'tools.saysSafer': { now: 'Text'; before: 'Text' }
  'tools.showAll': { count: 'Count' }
  'tools.showAllOf': { count: 'Count'; title: 'Text' }
  'tools.useNew': { count: 'Count' }
  'tools.useNewOf': { count: 'Count'; from: 'Text' }
  'tray.connection': { name: 'Text'; host: 'Text' }
  'tray.more': { count: 'Text' }
  'tray.waiting': { count: 'Text' }
  'tunnel.getHelper': { title: 'Text' }
  'ui.copy.copyLabel': { label: 'Text' }
  'ui.copy.labelCopied': { label: 'Text' }
  'ui.exactRun.argument': { number: 'Text' }
  'vault.damaged': { file: 'Text' }
  'vault.placeDamaged': { file: 'Text' }
  'workspaces.addressHint': { name: 'Text' }
  'workspaces.addressOf': { title: 'Text' }
  'workspaces.changeName': { title: 'Text' }
  'workspaces.changeTitle': { title: 'Text' }
  'workspaces.removeName': { title: 'Text' }
  'workspaces.removeTitle': { title: 'Text' }
  'workspaces.sourceTools': { count: 'Count' }
  'workspaces.toolsFrom': { sources: 'Text' }
  'workspaces.wasAdded': { title: 'Text' }
  'workspaces.wasChanged': { title: 'Text' }
}
