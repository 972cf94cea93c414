/** Made by scripts/message-params.ts from en.json: what each sentence needs. Those that need nothing are not here. */
export interface MessageParams {
  'abilities.kind.sources.text': { names: 'Text' }
  'abilities.onlyReadingFrom': { sources: 'Text' }
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
  'access.grant.heldBackText': { time: 'Text' }
  'access.grant.keyCreated': { day: 'Text' }
  'access.grant.letIn': { day: 'Text' }
  'access.grant.pausedText': { time: 'Text' }
  'access.grant.revokeName': { name: 'Text' }
  'access.grant.seen': { when: 'Text' }
  'access.grant.seenAt': { when: 'Text'; where: 'Text' }
  'access.grant.whatMayDo': { name: 'Text' }
  'access.grant.workspace': { workspace: 'Text' }
  'access.pause.name': { name: 'Text' }
  'access.pause.resumeName': { name: 'Text' }
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
  'activity.callDetail.tookWithWait': { took: 'Text' }
  'activity.export.rows': { rows: 'Count' }
  'activity.filter.quoted': { text: 'Text' }
  'activity.filter.range': { from: 'Text'; to: 'Text' }
  'activity.filter.since': { from: 'Text' }
  'activity.filter.upTo': { to: 'Text' }
  'activity.noCallPasses': { filters: 'Text' }
  'activity.row.more': { count: 'Count' }
  'activity.rule.anything': { name: 'Text'; tool: 'Text' }
  'activity.rule.exactly': { name: 'Text'; tool: 'Text' }
  'activity.rule.inChat': { name: 'Text'; tool: 'Text' }
  'activity.rule.never': { name: 'Text'; tool: 'Text' }
  'activity.rule.since': { since: 'Text' }
  'activity.rule.sinceUntil': { since: 'Text'; until: 'Text' }
  'activity.undo.allAction': { name: 'Text' }
  'activity.undo.allDone': { count: 'Count' }
  'activity.undo.allLeft': { count: 'Count'; paths: 'Text' }
  'activity.undo.allTitle': { name: 'Text' }
  'activity.undo.changed': { path: 'Text' }
  'activity.undo.conflictTitle': { path: 'Text' }
  'activity.undo.created': { path: 'Text' }
  'activity.undo.moved': { path: 'Text'; to: 'Text' }
  'address.cloudflare.labelHint': { domain: 'Text' }
  'address.helper': { title: 'Text' }
  'address.helperFetch': { title: 'Text'; version: 'Text'; megabytes: 'Count' }
  'address.moves': { names: 'Text' }
  'address.recommended': { title: 'Text' }
  'address.used': { title: 'Text' }
  'approvals.detailsOf': { count: 'Count' }
  'approvals.lasting.15m.text': { client: 'Text' }
  'approvals.lasting.chat.text': { client: 'Text' }
  'approvals.lasting.never.text': { client: 'Text' }
  'approvals.lasting.tool.text': { client: 'Text' }
  'approvals.moreAfterThis': { count: 'Text' }
  'approvals.noAnswerMeansNo': { left: 'Text' }
  'approvals.sentence': { tool: 'Text'; source: 'Text'; count: 'Count' }
  'approvals.wantsToUse': { client: 'Text'; tool: 'Text' }
  'approvals.why.read': { client: 'Text'; what: 'Text'; when: 'Text' }
  'away.more': { count: 'Count' }
  'away.otherDay': { day: 'Text'; month: 'Text'; time: 'Text' }
  'away.since': { why: 'Choice'; from: 'Text' }
  'away.was': { why: 'Choice'; from: 'Text'; until: 'Text' }
  'backup.holds': { grants: 'Count'; servers: 'Count' }
  'bridge.leadAndNeeds': { lead: 'Text'; needs: 'Count' }
  'bridge.spoken': { title: 'Text'; lead: 'Text' }
  'changes.notShown': { kilobytes: 'Count' }
  'cli.access.keyCopyNow': { name: 'Text'; access: 'Text' }
  'cli.access.paused': { access: 'Text' }
  'cli.access.revoked': { name: 'Text' }
  'cli.activity.byRule': { decision: 'Text'; since: 'Text' }
  'cli.activity.exported': { rows: 'Count'; file: 'Text' }
  'cli.activity.wholeNumber': { most: 'Text' }
  'cli.adminKey.adminKeyMadeFor': { createdAt: 'Text'; address: 'Text' }
  'cli.adminKey.opensAndNothingElse': { address: 'Text' }
  'cli.backup.address': { computer: 'Text' }
  'cli.backup.aside': { file: 'Text' }
  'cli.backup.made': { file: 'Text'; megabytes: 'Text' }
  'cli.bridge.callsWait': { count: 'Text' }
  'cli.bridge.connectionsWait': { count: 'Text' }
  'cli.bridge.draftsWait': { count: 'Count' }
  'cli.bridge.mayAskUntil': { client: 'Text'; closesAt: 'Text' }
  'cli.bridge.overAt': { until: 'Text' }
  'cli.bridge.requestsWait': { asks: 'Text' }
  'cli.bridge.toolsWait': { count: 'Count' }
  'cli.connector.account': { name: 'Text'; id: 'Text' }
  'cli.connector.accountForgotten': { name: 'Text' }
  'cli.connector.asksWithAccountFrom': { name: 'Text'; account: 'Text' }
  'cli.connector.canBeTold': {
    name: 'Text'
    label: 'Text'
    kind: 'Choice'
    required: 'Choice'
    scoped: 'Choice'
    scopes: 'Text'
  }
  'cli.connector.keptInVault': { field: 'Text' }
  'cli.event.sent': { fresh: 'Count'; known: 'Count' }
  'cli.folder.added': { name: 'Text' }
  'cli.folder.line': { name: 'Text'; state: 'Text' }
  'cli.folder.removed': { name: 'Text' }
  'cli.folder.skippedLine': { count: 'Count'; reason: 'Text' }
  'cli.grant.paused': { name: 'Text'; when: 'Text' }
  'cli.grant.pausedUntil': { when: 'Text' }
  'cli.grant.resumed': { name: 'Text' }
  'cli.grant.signedOutMustAsk': { name: 'Text' }
  'cli.grant.tools': { count: 'Count' }
  'cli.grant.until': { when: 'Text' }
  'cli.paste.draftIfWhatStands': { name: 'Text'; slug: 'Text' }
  'cli.paste.placeholder': { label: 'Text'; where: 'Text'; server: 'Text' }
  'cli.paste.readAs': { what: 'Text' }
  'cli.paste.wasLeftOut': { name: 'Text'; why: 'Text' }
  'cli.paste.wasNotAdded': { name: 'Text'; message: 'Text'; hint: 'Text' }
  'cli.pins.left': { left: 'Text' }
  'cli.pins.serverHeld': { name: 'Text' }
  'cli.pins.serverTaken': { name: 'Text' }
  'cli.pins.serverTold': { name: 'Text' }
  'cli.pins.waits': { name: 'Text'; why: 'Choice'; claim: 'Text' }
  'cli.preference.callsKeptFor': { days: 'Count' }
  'cli.preference.eachClientMayMakeRequests': { requestsPerMinute: 'Text' }
  'cli.preference.eventFileRead': { path: 'Text' }
  'cli.preference.eventsKeptFor': { days: 'Count' }
  'cli.preference.giveNumberFrom1': { most: 'Text' }
  'cli.preference.keepAwake': { keepAwake: 'Choice' }
  'cli.preference.keysRaise': { keys: 'Text' }
  'cli.preference.newSigningKeysEvery': { keys: 'Choice' }
  'cli.preference.newVersion': { newVersions: 'Choice' }
  'cli.preference.resultsKeptFor': { minutes: 'Count' }
  'cli.preference.serverMaySendUp': { largestAnswer: 'Text' }
  'cli.preference.upServersMayRun': { maxServers: 'Text' }
  'cli.register.allowedAre': { options: 'Text' }
  'cli.register.confidential': { confidential: 'Choice' }
  'cli.register.letInDrawbridgeClient': { access: 'Text' }
  'cli.register.noLongerRegisteredAnd': { name: 'Text' }
  'cli.register.option.grant': { options: 'Text' }
  'cli.register.registeredClientId': { name: 'Text'; secret: 'Choice' }
  'cli.request.allowFor': { holds: 'Text' }
  'cli.request.call': { id: 'Text' }
  'cli.request.connection': { id: 'Text' }
  'cli.request.connectsFrom': { host: 'Text'; expected: 'Choice'; digits: 'Choice' }
  'cli.request.isConnected': { name: 'Text'; access: 'Text' }
  'cli.request.mayRun': { tool: 'Text'; holds: 'Text' }
  'cli.request.runs': { tool: 'Text'; risk: 'Text'; source: 'Text'; args: 'Text' }
  'cli.request.sentBackTo': { host: 'Text'; expected: 'Choice' }
  'cli.request.unverified': { name: 'Text' }
  'cli.request.why.read': { what: 'Text'; at: 'Text' }
  'cli.request.yes': { was: 'Choice' }
  'cli.rule.hasToAsk': { client: 'Text'; tool: 'Text' }
  'cli.rule.holdsOn': { tool: 'Text' }
  'cli.rule.holdsUntil': { tool: 'Text'; until: 'Text' }
  'cli.rule.mayAskAgain': { client: 'Text'; tool: 'Text' }
  'cli.rule.revoked': { count: 'Count' }
  'cli.rule.sleeps': { since: 'Text'; why: 'Text' }
  'cli.serve.oneRunsShowsPages': { link: 'Text' }
  'cli.server.answers': { typical: 'Choice'; name: 'Text' }
  'cli.server.asHasOwn': { own: 'Text'; published: 'Text'; owner: 'Text' }
  'cli.server.counts': { tools: 'Count'; resources: 'Count'; prompts: 'Count' }
  'cli.server.doesNotAnswerState': { name: 'Text'; state: 'Text' }
  'cli.server.drawbridgeSignedIn': { name: 'Text' }
  'cli.server.drawbridgeSignedOut': { name: 'Text' }
  'cli.server.endMoreThan2': { lists: 'Text' }
  'cli.server.hidden': { text: 'Text' }
  'cli.server.is': { name: 'Text'; state: 'Text' }
  'cli.server.isStopped': { name: 'Text' }
  'cli.server.leftOut': { kind: 'Choice'; named: 'Choice'; name: 'Text'; why: 'Text' }
  'cli.server.median': { median: 'Text'; p95: 'Text' }
  'cli.server.notOfferedThoughServer': { count: 'Count' }
  'cli.server.onceStarted': { name: 'Text' }
  'cli.server.runningAndOffers': { name: 'Text'; offers: 'Text' }
  'cli.server.signInDrawbridgeServer': { slug: 'Text' }
  'cli.server.signInState': { name: 'Text'; state: 'Text' }
  'cli.server.start.argument': { number: 'Text' }
  'cli.server.start.unreadable': { name: 'Text' }
  'cli.server.starting': { name: 'Text'; mayDownload: 'Text' }
  'cli.server.updated': {
    name: 'Text'
    seconds: 'Text'
    starts: 'Choice'
    startSeconds: 'Text'
    prefixed: 'Choice'
    slug: 'Text'
    context: 'Choice'
  }
  'cli.server.wasKeptButNot': { name: 'Text' }
  'cli.server.wasRemoved': { name: 'Text' }
  'cli.service.noVariables': { names: 'Text' }
  'cli.service.state': { running: 'Choice'; installed: 'Choice' }
  'cli.tool.argument.text': { most: 'Text' }
  'cli.tool.canBeUsedFrom': { name: 'Text'; claim: 'Text' }
  'cli.tool.claim': { risk: 'Text'; isYours: 'Choice'; openWorld: 'Choice' }
  'cli.tool.noNote': { name: 'Text' }
  'cli.tool.noteSet': { name: 'Text'; note: 'Text' }
  'cli.tool.offeredAsFromNow': { name: 'Text' }
  'cli.tool.offeredOrHidden': { name: 'Text'; enabled: 'Choice' }
  'cli.tool.riskItself': { name: 'Text'; risk: 'Text' }
  'cli.tool.riskNotYet': { name: 'Text'; risk: 'Text' }
  'cli.tool.riskSet': { name: 'Text'; risk: 'Text'; lowers: 'Choice' }
  'cli.tool.state.waits': { why: 'Choice' }
  'cli.tool.stillWaits': { name: 'Text'; why: 'Choice'; id: 'Text' }
  'cli.tool.usually': { id: 'Text' }
  'cli.tool.waiting': { waiting: 'Text' }
  'cli.tunnel.chosen': { title: 'Text' }
  'cli.tunnel.fetchIt': { id: 'Text' }
  'cli.tunnel.fetched': { title: 'Text'; version: 'Text' }
  'cli.tunnel.field': { name: 'Text'; label: 'Text'; kind: 'Choice'; required: 'Choice' }
  'cli.tunnel.kept': { name: 'Text' }
  'cli.tunnel.missing': { title: 'Text'; from: 'Text' }
  'cli.tunnel.stepDone': { title: 'Text' }
  'cli.undo.changed': { path: 'Text'; call: 'Text' }
  'cli.undo.done': { path: 'Text' }
  'cli.undo.failed': { call: 'Text'; error: 'Text' }
  'cli.undo.gone': { path: 'Text' }
  'cli.workspace.theWorkspaceIsThere': { title: 'Text' }
  'cli.workspace.workspaceWasChanged': { title: 'Text' }
  'cli.workspace.workspaceWasRemovedNobody': { name: 'Text' }
  'command.fullPath': { isWindows: 'Choice' }
  'command.onlyTheProgram': { first: 'Text' }
  'commandLine.drawbridgeStartsNoShell': { expansion: 'Text' }
  'commandLine.drawbridgeStartsOneProgram': { operator: 'Text' }
  'commandLine.openQuote': { double: 'Choice'; quote: 'Text' }
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
  'connector.better-stack.works': { count: 'Count' }
  'connector.caldav.works': { count: 'Count'; names: 'Text' }
  'connector.calendar-link.works': { name: 'Text'; count: 'Count' }
  'connector.ga4.works': { visitors: 'Text' }
  'connector.github.works': { repository: 'Text'; stars: 'Text' }
  'connector.hasNone': { argument: 'Text'; account: 'Text' }
  'connector.lemon-squeezy.works': { count: 'Count'; names: 'Text' }
  'connector.mail.works': { host: 'Text'; folders: 'Count'; mails: 'Count'; folder: 'Text' }
  'connector.myAccountNumber': { number: 'Text' }
  'connector.netlify.works': { count: 'Count'; site: 'Text' }
  'connector.npm.works': { name: 'Text'; downloads: 'Text' }
  'connector.plausible.works': { site: 'Text'; visitors: 'Text' }
  'connector.posthog.works': { views: 'Text' }
  'connector.sentry.works': { organization: 'Text'; some: 'Choice' }
  'connector.stripe.works': { some: 'Choice' }
  'connector.tooManyEntries': { most: 'Text' }
  'connector.umami.works': { visitors: 'Text' }
  'connector.uptimerobot.works': { count: 'Count' }
  'connector.vercel.works': { project: 'Text' }
  'connectors.addAccountFor': { name: 'Text' }
  'connectors.changeAccount': { account: 'Text' }
  'connectors.changeAccountOf': { account: 'Text'; name: 'Text' }
  'connectors.forgetTitle': { account: 'Text' }
  'connectors.forgotten': { account: 'Text' }
  'connectors.isSetUp': { name: 'Text' }
  'connectors.keptHint': { hint: 'Text' }
  'connectors.setUpOne': { name: 'Text' }
  'connectors.testOne': { account: 'Text'; name: 'Text' }
  'connectors.wantsScopes': { hint: 'Text'; scopes: 'Text' }
  'consent.callsItself': { name: 'Text' }
  'consent.closedText': { button: 'Text' }
  'consent.closedTitle': { button: 'Text' }
  'consent.forMaker': { code: 'Text' }
  'consent.knownApp': { button: 'Text' }
  'consent.notYou': { button: 'Text' }
  'consent.onlyWorkspace': { workspace: 'Text' }
  'consent.typeDigits': { bold: 'Text'; plain: 'Text'; button: 'Text' }
  'diary.change': { time: 'Text'; tool: 'Text'; source: 'Text'; how: 'Choice' }
  'diary.changed': { client: 'Text'; count: 'Count' }
  'diary.dayAndTime': { day: 'Text'; time: 'Text' }
  'diary.denied': { count: 'Count' }
  'diary.emptyText': { days: 'Text' }
  'diary.failed': { count: 'Count' }
  'diary.looked': { client: 'Text'; count: 'Count'; tools: 'Text' }
  'diary.more': { count: 'Count' }
  'diary.moreTools': { count: 'Count' }
  'diary.today': { day: 'Text' }
  'diary.tool': { tool: 'Text'; source: 'Text'; count: 'Count' }
  'diary.week': { day: 'Text' }
  'diary.yesterday': { day: 'Text' }
  'doctor.answerCame': { status: 'Text' }
  'doctor.answerShouldHaveBeen': { wanted: 'Text'; status: 'Text' }
  'doctor.apart': { seconds: 'Text' }
  'doctor.asBrowserForApp': { madeUpClient: 'Text' }
  'doctor.asPageWouldAsk': { page: 'Text' }
  'doctor.checkedLocal': { url: 'Text'; when: 'Text' }
  'doctor.checkedPublic': { url: 'Text'; when: 'Text' }
  'doctor.clockWrong.message': { unit: 'Choice'; count: 'Text' }
  'doctor.discoverWithoutToken': { protocol: 'Text' }
  'doctor.documentRefused.message': { status: 'Text' }
  'doctor.endpointsElsewhere.message': { wrong: 'Text' }
  'doctor.failed.count': { count: 'Count' }
  'doctor.gateway.message': { status: 'Text' }
  'doctor.goingOutAndComing': { host: 'Text' }
  'doctor.issuerDiffers.message': { shown: 'Text'; issuer: 'Text'; difference: 'Text' }
  'doctor.manyAssistantsManageWith': { restart: 'Text' }
  'doctor.missingAt': { url: 'Text' }
  'doctor.moreDidNotWork': { count: 'Text' }
  'doctor.noAnswer': { cause: 'Text' }
  'doctor.noIss.hint': { restart: 'Text' }
  'doctor.notOurs.message': { status: 'Text' }
  'doctor.ok.count': { count: 'Text' }
  'doctor.onAll': { count: 'Text' }
  'doctor.oneThingCouldBe': { message: 'Text' }
  'doctor.page.message': { status: 'Text' }
  'doctor.redirected.message': { host: 'Text' }
  'doctor.refusalNotOneAssistants': { status: 'Text' }
  'doctor.registration': { registers: 'Choice'; documents: 'Choice' }
  'doctor.resourceDiffers.message': { shown: 'Text'; wanted: 'Text'; difference: 'Text' }
  'doctor.serverError.message': { status: 'Text' }
  'doctor.signInElsewhere.message': { given: 'Text'; issuer: 'Text'; difference: 'Text' }
  'doctor.skipped.count': { count: 'Text' }
  'doctor.slow.message': { took: 'Text' }
  'doctor.slowestTook': { count: 'Text'; took: 'Text'; request: 'Text' }
  'doctor.strangerLetIn.hint': { restart: 'Text' }
  'doctor.thingsCouldBeBetter': { count: 'Text' }
  'doctor.warning.count': { count: 'Text' }
  'doctor.windowNotKept.message': { status: 'Text' }
  'duration.minutes': { count: 'Count' }
  'duration.seconds': { count: 'Count' }
  'elsewhere.accepted': { there: 'Text'; names: 'Text' }
  'elsewhere.addressTakenOver': { there: 'Text' }
  'elsewhere.adminKeyMade': { there: 'Text' }
  'elsewhere.backupMade': { there: 'Text' }
  'elsewhere.backupRestored': { there: 'Text' }
  'elsewhere.bridgeLowered': { there: 'Text' }
  'elsewhere.browserLetIn': { there: 'Text' }
  'elsewhere.byProgram': { time: 'Text' }
  'elsewhere.callAllowed': { client: 'Text'; tool: 'Text'; there: 'Text' }
  'elsewhere.callsAllowed': { client: 'Text'; tool: 'Text'; there: 'Text' }
  'elsewhere.clientRegistered': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.connectorChanged': { slug: 'Text'; name: 'Text'; there: 'Text' }
  'elsewhere.folderAdded': { name: 'Text'; there: 'Text'; isPaused: 'Choice' }
  'elsewhere.folderChanged': { name: 'Text'; there: 'Text' }
  'elsewhere.folderWritable': { name: 'Text'; there: 'Text' }
  'elsewhere.grantChanged': { name: 'Text'; there: 'Text'; access: 'Text' }
  'elsewhere.keyMade': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.letIn': { name: 'Text'; access: 'Text'; there: 'Text' }
  'elsewhere.localPages': { pages: 'Text' }
  'elsewhere.neverTakenBack': { client: 'Text'; tool: 'Text'; there: 'Text' }
  'elsewhere.onCommandLine': { time: 'Text' }
  'elsewhere.resumed': { name: 'Text'; there: 'Text' }
  'elsewhere.ruleChanged': { client: 'Text'; tool: 'Text'; there: 'Text' }
  'elsewhere.rulesRevoked': { there: 'Text' }
  'elsewhere.serverAccepted': { name: 'Text'; there: 'Text' }
  'elsewhere.serverAdded': { name: 'Text'; there: 'Text' }
  'elsewhere.serverChanged': { name: 'Text'; there: 'Text' }
  'elsewhere.serverStarted': { name: 'Text'; isFirst: 'Choice'; there: 'Text' }
  'elsewhere.serverTold': { name: 'Text'; there: 'Text' }
  'elsewhere.settingsChanged': { what: 'Text'; there: 'Text' }
  'elsewhere.toolNamed': { id: 'Text'; alias: 'Text'; there: 'Text' }
  'elsewhere.toolNote': { name: 'Text'; there: 'Text' }
  'elsewhere.toolRisk': { name: 'Text'; there: 'Text' }
  'elsewhere.toolUsed': { name: 'Text'; there: 'Text' }
  'elsewhere.tunnelUsed': { there: 'Text'; title: 'Text' }
  'elsewhere.windowOpened': { there: 'Text' }
  'elsewhere.workspaceChanged': { name: 'Text'; there: 'Text' }
  'error.account-incomplete.message': { account: 'Text' }
  'error.arguments-invalid.message': { name: 'Text'; problems: 'Text' }
  'error.bad-domain.message': { odd: 'Text' }
  'error.bad-input-at.hint': { where: 'Text' }
  'error.bad-input-at.message': { problem: 'Text' }
  'error.bad-input.message': { problem: 'Text' }
  'error.bad-page.message': { page: 'Text' }
  'error.bad-path.message': { path: 'Text' }
  'error.calendar-link-no-calendar.message': { host: 'Text' }
  'error.change-folder-gone.message': { name: 'Text' }
  'error.change-not-found.message': { days: 'Count' }
  'error.cloudflare-answer.message': { said: 'Text' }
  'error.cloudflare-busy.hint': { minutes: 'Count' }
  'error.cloudflare-domain-gone.message': { domain: 'Text' }
  'error.cloudflare-label-used.message': { label: 'Text' }
  'error.cloudflare-name-open.message': { name: 'Text' }
  'error.cloudflare-name-records.message': { name: 'Text' }
  'error.cloudflare-name-used.message': { name: 'Text'; content: 'Text' }
  'error.cloudflare-name.message': { name: 'Text' }
  'error.cloudflare-rights.hint': { right: 'Text' }
  'error.command-no-full-path.hint': { hint: 'Text' }
  'error.command-no-full-path.message': { command: 'Text' }
  'error.command-no-program.hint': { hint: 'Text' }
  'error.command-no-program.message': { command: 'Text' }
  'error.command-not-found-here.hint': { hint: 'Text' }
  'error.command-not-found-here.message': { command: 'Text' }
  'error.command-not-found.message': { command: 'Text' }
  'error.command-nowhere.hint': { hint: 'Text' }
  'error.command-nowhere.message': { command: 'Text' }
  'error.connector-broken.message': { name: 'Text' }
  'error.data-folder-circle.message': { folder: 'Text' }
  'error.data-folder-link.message': { path: 'Text'; isLink: 'Choice' }
  'error.data-folder-open.hint': { folder: 'Text' }
  'error.data-folder-open.message': { folder: 'Text' }
  'error.data-folder-theirs.message': { folder: 'Text' }
  'error.draft-not-seen-command.hint': { slug: 'Text' }
  'error.draft-not-seen-command.message': { name: 'Text' }
  'error.draft-not-seen-host.message': { name: 'Text' }
  'error.edit-not-found.message': { path: 'Text' }
  'error.edit-nothing.message': { path: 'Text' }
  'error.edit-several.message': { path: 'Text'; count: 'Count' }
  'error.edit-unfit.message': { problems: 'Text' }
  'error.event-invalid.message': { count: 'Count'; place: 'Text'; problem: 'Text' }
  'error.event-not-found.hint': { days: 'Count' }
  'error.events-partly.message': { stored: 'Text'; count: 'Text' }
  'error.field-invalid-entry.hint': { hint: 'Text' }
  'error.field-invalid-entry.message': { label: 'Text'; entry: 'Text'; why: 'Text' }
  'error.field-invalid.hint': { hint: 'Text' }
  'error.field-invalid.message': { label: 'Text'; why: 'Text' }
  'error.field-unknown.hint': { fields: 'Text' }
  'error.field-unknown.message': { name: 'Text'; field: 'Text' }
  'error.file-exists.message': { file: 'Text' }
  'error.file-missing.message': { file: 'Text' }
  'error.file-unreadable.message': { path: 'Text' }
  'error.file-unwritable.message': { file: 'Text'; reason: 'Text' }
  'error.folder-gone.hint': { cwd: 'Text' }
  'error.folder-gone.message': { name: 'Text' }
  'error.folder-hidden.message': { path: 'Text' }
  'error.folder-not-allowed.message': { path: 'Text' }
  'error.folder-not-found.message': { path: 'Text' }
  'error.folder-overlaps.hint': { name: 'Text' }
  'error.folder-overlaps.message': { name: 'Text' }
  'error.folder-paused.message': { name: 'Text' }
  'error.folder-read-only.message': { name: 'Text' }
  'error.folder-too-wide.message': { folder: 'Text' }
  'error.folders-too-many.message': { most: 'Text' }
  'error.helper-does-not-run.hint': { title: 'Text' }
  'error.helper-does-not-run.message': { title: 'Text' }
  'error.helper-not-kept.message': { title: 'Text' }
  'error.helper-other.hint': { title: 'Text' }
  'error.helper-other.message': { title: 'Text' }
  'error.helper-unknown.message': { title: 'Text' }
  'error.helper-unreachable.message': { title: 'Text' }
  'error.host-not-running.message': { dataDir: 'Text' }
  'error.http-401.message': { name: 'Text' }
  'error.http-402.message': { name: 'Text'; quote: 'Text' }
  'error.http-403.message': { name: 'Text'; quote: 'Text' }
  'error.http-407.message': { host: 'Text' }
  'error.http-413.message': { name: 'Text' }
  'error.http-421.message': { name: 'Text'; host: 'Text'; quote: 'Text' }
  'error.http-426.message': { name: 'Text'; quote: 'Text' }
  'error.http-429.hint': { later: 'Text' }
  'error.http-429.message': { name: 'Text'; quote: 'Text' }
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
  'error.http-session-forgotten.message': { name: 'Text'; quote: 'Text' }
  'error.http-unreachable.message': { host: 'Text' }
  'error.http-unreadable.message': { name: 'Text'; isKnown: 'Choice'; type: 'Text' }
  'error.http-waited.message': { host: 'Text'; time: 'Text' }
  'error.http-way.hint': { whatToDo: 'Text' }
  'error.http-way.message': { why: 'Text' }
  'error.http-web-page.message': { host: 'Text'; isKnown: 'Choice'; status: 'Text'; quote: 'Text' }
  'error.keys-for-another.message': { name: 'Text'; host: 'Text' }
  'error.link-leads-out.message': { command: 'Text' }
  'error.mail-folder-unknown.hint': { folders: 'Text' }
  'error.mail-folder-unknown.message': { folder: 'Text' }
  'error.mail-not-encrypted.message': { host: 'Text' }
  'error.mail-refused.message': { host: 'Text' }
  'error.mail-search-refused.message': { host: 'Text' }
  'error.move-elsewhere.message': { path: 'Text' }
  'error.move-kind.message': { path: 'Text' }
  'error.name-reserved.message': { name: 'Text' }
  'error.name-taken-access.message': { name: 'Text' }
  'error.name-taken-client.message': { name: 'Text' }
  'error.name-taken-connector.message': { name: 'Text' }
  'error.name-taken-server.message': { name: 'Text' }
  'error.name-taken-tool-away.message': { name: 'Text' }
  'error.name-taken-tool-ours.message': { name: 'Text' }
  'error.name-taken-tool.hint': { source: 'Text' }
  'error.name-taken-tool.message': { name: 'Text' }
  'error.name-taken-workspace.message': { name: 'Text' }
  'error.needs-owner-risk.hint': { tool: 'Text'; risk: 'Text' }
  'error.needs-owner.hint': { slug: 'Text' }
  'error.needs-owner.message': { name: 'Text' }
  'error.no-public-address.hint': { first: 'Text' }
  'error.node-too-old.message': { node: 'Text' }
  'error.not-found-calendar-link.message': { host: 'Text' }
  'error.not-found-calendars.message': { host: 'Text' }
  'error.not-found-github.message': { repository: 'Text' }
  'error.not-found-netlify.message': { site: 'Text' }
  'error.not-found-npm.message': { name: 'Text' }
  'error.nothing-so-called.hint': { list: 'Text' }
  'error.nothing-so-called.message': { kind: 'Choice'; wanted: 'Text' }
  'error.nothing-to-accept-tool.message': { name: 'Text' }
  'error.nothing-to-accept.message': { name: 'Text' }
  'error.passphrase-unreadable.message': { fileVariable: 'Text' }
  'error.pasted.addressWithSomethingBehind.message': { first: 'Text' }
  'error.pasted.argumentNotText.message': { index: 'Text' }
  'error.pasted.asksShellRunSomething.message': { text: 'Text' }
  'error.pasted.behindValueMissing.message': { name: 'Text' }
  'error.pasted.butNothingInDescribes.message': { subject: 'Text'; what: 'Text' }
  'error.pasted.cannotBeAdded.message': { name: 'Text'; why: 'Text' }
  'error.pasted.cannotBeName.message': { kind: 'Choice'; key: 'Text' }
  'error.pasted.doesNotAddServer.message': { line: 'Text' }
  'error.pasted.doesNotSayWhat.message': { line: 'Text'; word: 'Text' }
  'error.pasted.doesSomethingElseOn.message': { line: 'Text' }
  'error.pasted.drawbridgeDoesNotKnow.message': { scheme: 'Text' }
  'error.pasted.fileDownload.message': { url: 'Text' }
  'error.pasted.hasBothAddressAnd.message': { line: 'Text' }
  'error.pasted.hasInWhichDrawbridge.message': { line: 'Text'; name: 'Text' }
  'error.pasted.hasLetterInOnly.message': { word: 'Text'; odd: 'Text'; code: 'Text' }
  'error.pasted.hasPageAboutServer.message': { hostname: 'Text' }
  'error.pasted.hiddenCharacter.message': { what: 'Text'; code: 'Text' }
  'error.pasted.hiddenCharacterAt.message': { what: 'Text'; code: 'Text'; place: 'Text' }
  'error.pasted.installsOrFetchesSomething.message': { line: 'Text' }
  'error.pasted.json.CloseBraceExpected.message': { place: 'Text' }
  'error.pasted.json.CloseBracketExpected.message': { place: 'Text' }
  'error.pasted.json.CommaExpected.message': { place: 'Text' }
  'error.pasted.json.EndOfFileExpected.message': { place: 'Text' }
  'error.pasted.json.InvalidEscapeCharacter.message': { place: 'Text' }
  'error.pasted.json.InvalidSymbol.message': { place: 'Text' }
  'error.pasted.json.PropertyNameExpected.message': { place: 'Text' }
  'error.pasted.json.UnexpectedEndOfComment.message': { place: 'Text' }
  'error.pasted.json.UnexpectedEndOfString.message': { place: 'Text' }
  'error.pasted.json.ValueExpected.message': { place: 'Text' }
  'error.pasted.json.other.message': { place: 'Text' }
  'error.pasted.kindWhichDrawbridgeDoes.message': { type: 'Text' }
  'error.pasted.looksLikeSettingsIn.message': { line: 'Text'; column: 'Text' }
  'error.pasted.looksLikeSettingsInYaml.message': { line: 'Text'; col: 'Text' }
  'error.pasted.meansAnotherFolderDepending.message': { value: 'Text' }
  'error.pasted.moreThanOneCommand.message': { line: 'Text' }
  'error.pasted.needsNameAndSettings.message': { line: 'Text' }
  'error.pasted.notAddressDrawbridgeCan.message': { url: 'Text' }
  'error.pasted.notHeader.message': { value: 'Text' }
  'error.pasted.notNamesAndValues.message': { kind: 'Choice' }
  'error.pasted.notText.message': { what: 'Choice' }
  'error.pasted.notWholeAddress.message': { url: 'Text' }
  'error.pasted.openQuote.message': { double: 'Choice'; quote: 'Text' }
  'error.pasted.saysNeitherAddressNor.message': { line: 'Text' }
  'error.pasted.standsTwiceInSame.message': { value: 'Text'; place: 'Text' }
  'error.pasted.textHasServersAt.message': { count: 'Text'; maxServers: 'Text' }
  'error.pasted.textNestedMoreThan.message': { maxDepth: 'Text' }
  'error.pasted.theseCommands.message': { count: 'Text'; found: 'Text' }
  'error.pasted.valueNotText.message': { kind: 'Choice'; name: 'Text' }
  'error.pasted.wouldLeadAnotherProgram.message': { text: 'Text' }
  'error.port-taken-pages.message': { port: 'Text'; reserved: 'Choice' }
  'error.port-taken-public.message': { port: 'Text' }
  'error.redirect-invalid.message': { uri: 'Text'; reason: 'Text' }
  'error.redirect-not-allowed.message': { host: 'Text' }
  'error.rest-folder-change.hint': { takes: 'Text' }
  'error.rest-folder-change.message': { problem: 'Text' }
  'error.rest-no-parameters.message': { name: 'Text' }
  'error.rest-parameter.hint': { known: 'Text' }
  'error.rest-parameter.message': { name: 'Text' }
  'error.rest-server-change.hint': { takes: 'Text' }
  'error.rest-server-change.message': { problem: 'Text' }
  'error.rest-tool-change.hint': { takes: 'Text' }
  'error.rest-tool-change.message': { problem: 'Text' }
  'error.rules-full.message': { most: 'Text'; client: 'Text' }
  'error.sandbox-missing.message': { name: 'Text' }
  'error.secret-missing-connector.message': { account: 'Text'; connector: 'Text' }
  'error.secret-missing-server.message': { name: 'Text'; server: 'Text' }
  'error.server-answer-broken.message': { name: 'Text' }
  'error.server-answer-dropped.message': { megabytes: 'Text' }
  'error.server-answer-unfit.message': { name: 'Text' }
  'error.server-answer-unreadable.message': { name: 'Text'; isEmpty: 'Choice' }
  'error.server-busy.message': { name: 'Text' }
  'error.server-changed-first.message': { source: 'Text' }
  'error.server-changed-tool.hint': { server: 'Text' }
  'error.server-changed-tool.message': { name: 'Text' }
  'error.server-died.message': {
    name: 'Text'
    how: 'Choice'
    signal: 'Text'
    exitCode: 'Text'
    quote: 'Text'
  }
  'error.server-down.message': { name: 'Text' }
  'error.server-downloading.message': { name: 'Text' }
  'error.server-edited.message': { name: 'Text' }
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
  'error.server-not-found-server.message': { name: 'Text' }
  'error.server-refused-this.message': { name: 'Text'; status: 'Text'; isSilent: 'Choice'; said: 'Text' }
  'error.server-refused.message': { name: 'Text' }
  'error.server-restarting.message': { name: 'Text' }
  'error.server-same-again.hint': { hint: 'Text' }
  'error.server-same-again.message': { name: 'Text'; times: 'Text'; last: 'Text' }
  'error.server-signed-in-anew.message': { name: 'Text' }
  'error.server-signed-out-now.message': { name: 'Text' }
  'error.server-signed-out.message': { name: 'Text' }
  'error.server-start-failed.message': { name: 'Text' }
  'error.server-stopped.message': { name: 'Text' }
  'error.server-timeout.message': { name: 'Text'; seconds: 'Text' }
  'error.server-version-unknown.message': { name: 'Text'; isKnown: 'Choice'; versions: 'Text' }
  'error.service-answer-invalid-connector.message': { name: 'Text' }
  'error.service-answer-invalid.message': { name: 'Text' }
  'error.service-broken.message': { name: 'Text'; status: 'Text' }
  'error.service-failed.hint': { command: 'Text' }
  'error.service-failed.message': { said: 'Text' }
  'error.service-key-refused.message': { name: 'Text' }
  'error.service-leads-elsewhere.hint': { host: 'Text' }
  'error.service-leads-elsewhere.message': { name: 'Text'; host: 'Text'; status: 'Text' }
  'error.service-password-refused-calendar.message': { host: 'Text' }
  'error.service-password-refused-mail.hint': { where: 'Text' }
  'error.service-password-refused-mail.message': { host: 'Text' }
  'error.service-rate-limited.hint': { soon: 'Choice'; seconds: 'Text'; until: 'Text'; minutes: 'Text' }
  'error.service-rate-limited.message': { name: 'Text' }
  'error.service-refused.message': { name: 'Text'; status: 'Text' }
  'error.service-rights-missing.hint': { some: 'Choice'; rights: 'Text' }
  'error.service-rights-missing.message': { name: 'Text' }
  'error.service-slow.message': { name: 'Text' }
  'error.service-unreachable-ours.hint': { hint: 'Text' }
  'error.service-unreachable-ours.message': { name: 'Text'; why: 'Text' }
  'error.service-unreachable.message': { name: 'Text' }
  'error.service-unsupported.message': { platform: 'Text' }
  'error.sign-in-declined.message': { name: 'Text' }
  'error.sign-in-failed-nobody.message': { name: 'Text' }
  'error.sign-in-failed.message': { name: 'Text' }
  'error.sign-in-needs-client.hint': { redirect: 'Text' }
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
  'error.source-not-found.hint': { sources: 'Text' }
  'error.source-not-found.message': { one: 'Text' }
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
  'error.start-refused-first.hint': { hint: 'Text' }
  'error.start-refused-first.message': { name: 'Text'; quote: 'Text' }
  'error.start-rubbish.message': { name: 'Text'; count: 'Count' }
  'error.start-silent-for.hint': { hint: 'Text' }
  'error.start-silent-for.message': { name: 'Text'; time: 'Text'; quote: 'Text' }
  'error.start-silent.message': { name: 'Text'; time: 'Text'; quote: 'Text' }
  'error.too-many-accounts.message': { connector: 'Text'; mostAccounts: 'Text' }
  'error.too-many-drafts.message': { maxDrafts: 'Text' }
  'error.too-many-servers.message': { name: 'Text'; count: 'Count' }
  'error.too-many-workspaces.message': { most: 'Text' }
  'error.tool-changed.message': { title: 'Text' }
  'error.tool-not-found-connector.message': { connector: 'Text'; name: 'Text' }
  'error.tool-not-found.message': { wanted: 'Text' }
  'error.tunnel-address-path.hint': { origin: 'Text' }
  'error.tunnel-address-path.message': { path: 'Text' }
  'error.tunnel-blocked-cloudflare.message': { who: 'Text' }
  'error.tunnel-blocked-visitor.hint': { who: 'Text' }
  'error.tunnel-blocked-visitor.message': { who: 'Text' }
  'error.tunnel-cloudflare-rule.hint': { url: 'Text' }
  'error.tunnel-field-invalid.hint': { hint: 'Text' }
  'error.tunnel-field-invalid.message': { label: 'Text' }
  'error.tunnel-field-missing.message': { title: 'Text'; label: 'Text' }
  'error.tunnel-field-unknown.message': { title: 'Text' }
  'error.tunnel-helper-missing.message': { title: 'Text' }
  'error.tunnel-helper-stopped.message': { title: 'Text' }
  'error.tunnel-helper-to-fetch.hint': { title: 'Text' }
  'error.tunnel-helper-to-fetch.message': { title: 'Text' }
  'error.tunnel-not-told.message': { title: 'Text' }
  'error.tunnel-port-taken.hint': { url: 'Text' }
  'error.tunnel-port-taken.message': { port: 'Text' }
  'error.tunnel-quick-limit.hint': { at: 'Text' }
  'error.tunnel-said-no.message': { said: 'Text' }
  'error.tunnel-ssh-new-key.hint': { print: 'Text' }
  'error.tunnel-ssh-new-key.message': { host: 'Text'; print: 'Text' }
  'error.tunnel-ssh-other-key.hint': { print: 'Text' }
  'error.tunnel-ssh-other-key.message': { host: 'Text' }
  'error.tunnel-ssh-port.message': { port: 'Text' }
  'error.tunnel-ssh-unreachable.message': { host: 'Text' }
  'error.tunnel-too-old.message': { title: 'Text' }
  'error.tunnel-unreachable-way.hint': { whatToDo: 'Text' }
  'error.tunnel-unreachable-way.message': { why: 'Text' }
  'error.unknown-scope.hint': { offered: 'Text' }
  'error.unknown-scope.message': { scope: 'Text' }
  'error.upload-kind.message': { path: 'Text' }
  'error.upload-left-out.message': { path: 'Text' }
  'error.upload-not-there.message': { path: 'Text' }
  'error.upload-path.message': { path: 'Text' }
  'error.upload-too-large.message': { path: 'Text'; megabytes: 'Count' }
  'error.usage-paste.hint': { count: 'Count'; filled: 'Text'; isVariable: 'Choice'; label: 'Text' }
  'error.usage-paste.message': { list: 'Text' }
  'error.usage.afterReading.hint': { id: 'Text' }
  'error.usage.argumentNotAChoice.message': { value: 'Text'; name: 'Text'; choices: 'Text' }
  'error.usage.callTakesNeitherDigits.hint': { id: 'Text' }
  'error.usage.changeHoldsOnce.hint': { id: 'Text' }
  'error.usage.clientNoFor.hint': { id: 'Text' }
  'error.usage.clientNoNever.hint': { id: 'Text' }
  'error.usage.cloudflareName.hint': { domains: 'Text' }
  'error.usage.cloudflareName.message': { name: 'Text' }
  'error.usage.envNotKV.message': { number: 'Count' }
  'error.usage.eventNotJson.message': { line: 'Text' }
  'error.usage.fileTooLarge.message': { from: 'Text' }
  'error.usage.fillNamesOther.hint': { labels: 'Text' }
  'error.usage.hasAddress.message': { name: 'Text' }
  'error.usage.hasNoTakeOut.hint': { had: 'Text' }
  'error.usage.hasNoTakeOut.message': { unknown: 'Text' }
  'error.usage.headerNotKV.message': { number: 'Count' }
  'error.usage.invalidValue.message': { name: 'Text'; value: 'Text'; why: 'Text' }
  'error.usage.isProgram.message': { name: 'Text' }
  'error.usage.missingArgument.message': { name: 'Text' }
  'error.usage.missingOption.message': { name: 'Text' }
  'error.usage.missingValue.message': { name: 'Text' }
  'error.usage.neitherOnNorOff.message': { value: 'Text' }
  'error.usage.noFile.message': { from: 'Text' }
  'error.usage.noRisk.message': { typed: 'Text' }
  'error.usage.noSuchWay.hint': { ways: 'Text' }
  'error.usage.nobodyHereCanBe.hint': { id: 'Text' }
  'error.usage.notAChoice.message': { name: 'Text'; value: 'Text'; choices: 'Text' }
  'error.usage.notAPair.message': { form: 'Text' }
  'error.usage.notOffered.hint': { offered: 'Text' }
  'error.usage.notOffered.message': { holds: 'Text' }
  'error.usage.secretInCommand.hint': { name: 'Text' }
  'error.usage.secretInCommand.message': { label: 'Text' }
  'error.usage.serviceSecret.hint': { name: 'Text' }
  'error.usage.serviceSecret.message': { name: 'Text' }
  'error.usage.setting.hint': { fits: 'Text' }
  'error.usage.setting.message': { name: 'Text' }
  'error.usage.settingFile.message': { name: 'Text' }
  'error.usage.severalAccounts.hint': { accounts: 'Text' }
  'error.usage.severalFit.hint': { ids: 'Text' }
  'error.usage.severalFit.message': { wanted: 'Text'; count: 'Text'; kind: 'Choice' }
  'error.usage.signsOutEveryClient.hint': { keys: 'Choice' }
  'error.usage.signsOutEveryClient.message': { keys: 'Choice' }
  'error.usage.textDescribesServersWhich.message': { count: 'Text' }
  'error.usage.threeDigitsMissing.hint': { clientName: 'Text'; id: 'Text' }
  'error.usage.tunnelFieldAlone.message': { name: 'Text' }
  'error.usage.tunnelFieldUnknown.hint': { fields: 'Text' }
  'error.usage.tunnelFieldUnknown.message': { title: 'Text' }
  'error.usage.tunnelMoves.message': { names: 'Text' }
  'error.usage.typedWrong.message': { told: 'Text' }
  'error.usage.unknownCommand.message': { name: 'Text' }
  'error.usage.unknownCommandMeant.message': { name: 'Text'; meant: 'Text' }
  'error.usage.unknownOption.message': { name: 'Text' }
  'error.usage.unknownOptionMeant.message': { name: 'Text'; meant: 'Text' }
  'error.usage.variableEmpty.message': { name: 'Text' }
  'error.usage.variableForNotSet.hint': { variable: 'Text' }
  'error.usage.variableForNotSet.message': { field: 'Text' }
  'error.usage.variableNotSetHere.message': { label: 'Text' }
  'error.usage.whatStartsServerMissing.hint': { name: 'Text' }
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
  'error.write-changed.message': { path: 'Text' }
  'error.write-failed.message': { path: 'Text' }
  'error.write-kind.message': { path: 'Text' }
  'error.write-left-out.message': { path: 'Text' }
  'error.write-not-plain.message': { path: 'Text' }
  'error.write-not-text.message': { path: 'Text' }
  'error.write-not-there.message': { path: 'Text' }
  'error.write-path.message': { path: 'Text' }
  'error.write-there.message': { path: 'Text' }
  'error.write-too-large.message': { path: 'Text' }
  'error.wrong-digits.hint': { count: 'Count' }
  'exactRun.hidden': { value: 'Text' }
  'finding.notTried': { title: 'Text' }
  'findings.comment': { text: 'Text' }
  'findings.encoded': { text: 'Text' }
  'findings.hidden': { text: 'Text' }
  'findings.image': { text: 'Text' }
  'findings.imitation': { text: 'Text' }
  'findings.instruction': { text: 'Text' }
  'findings.terminal': { text: 'Text' }
  'findings.unread': { text: 'Text' }
  'firstStart.downloading': { minutes: 'Count' }
  'firstStart.mayDownload': { minutes: 'Count' }
  'folders.added': { name: 'Text' }
  'folders.andMore': { count: 'Count' }
  'folders.leftOut': { count: 'Count' }
  'folders.leftOutTitle': { name: 'Text' }
  'folders.pauseName': { name: 'Text' }
  'folders.reasonCount': { reason: 'Text'; count: 'Count' }
  'folders.removeName': { name: 'Text' }
  'folders.removeTitle': { name: 'Text' }
  'folders.resumeName': { name: 'Text' }
  'folders.seeLeftOut': { count: 'Count'; name: 'Text' }
  'folders.state.looking': { documents: 'Count' }
  'folders.state.missing': { documents: 'Count' }
  'folders.state.paused': { documents: 'Count'; waiting: 'Count' }
  'folders.state.reading': { documents: 'Count'; waiting: 'Count' }
  'folders.state.ready': { documents: 'Count' }
  'folders.state.stuck': { documents: 'Count' }
  'happened.deployed': { project: 'Text'; some: 'Choice'; commit: 'Text' }
  'happened.deploymentFailed': { project: 'Text'; some: 'Choice'; commit: 'Text' }
  'happened.down': { monitor: 'Text'; some: 'Choice'; cause: 'Text' }
  'happened.newError': { project: 'Text'; title: 'Text' }
  'happened.released': { repository: 'Text'; version: 'Text' }
  'happened.up': { monitor: 'Text' }
  'headless.asksToConnect': { who: 'Text'; id: 'Text' }
  'headless.asksToRun': { clientName: 'Text'; what: 'Text'; id: 'Text' }
  'headless.attention': { message: 'Text' }
  'headless.notStopped': { message: 'Text' }
  'headless.what': { line: 'Text'; risk: 'Text'; source: 'Text' }
  'health.alive': { when: 'Text' }
  'health.even': { usually: 'Text' }
  'health.requests': { count: 'Count' }
  'health.silent': { when: 'Text' }
  'health.trouble': { when: 'Text'; what: 'Text' }
  'health.uneven': { usually: 'Text'; slow: 'Text' }
  'helper.fetching': { title: 'Text' }
  'helper.progress': { done: 'Count'; bytes: 'Count' }
  'home.connected.all': { count: 'Text' }
  'home.connected.cutOff': { when: 'Text' }
  'home.connected.lastSeen': { when: 'Text' }
  'home.connected.paused': { time: 'Text' }
  'home.moved.text': { count: 'Count' }
  'home.needs.overIn': { left: 'Text' }
  'home.needs.showMore': { more: 'Text' }
  'home.needs.waiting': { left: 'Text' }
  'home.stale.text': { count: 'Count' }
  'home.version': { version: 'Text' }
  'host.logUnwritable': { why: 'Text' }
  'host.whileStopping': { why: 'Text' }
  'input.backupPassphrase': { least: 'Text' }
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
  'misfit.form': { field: 'Text' }
  'misfit.formOf': { field: 'Text'; about: 'Text' }
  'misfit.kind': { field: 'Text'; kind: 'Choice' }
  'misfit.missing': { field: 'Text' }
  'misfit.more': { first: 'Text'; rest: 'Text' }
  'misfit.oneOf': { field: 'Text'; values: 'Text' }
  'misfit.tooBig': { field: 'Text'; of: 'Choice'; limit: 'Count' }
  'misfit.tooSmall': { field: 'Text'; of: 'Choice'; limit: 'Count' }
  'misfit.unknown': { field: 'Text' }
  'moved.old': { from: 'Text' }
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
  'notice.andMore': { message: 'Text'; count: 'Count' }
  'notice.changes-damaged.hint': { file: 'Text' }
  'notice.connector-broken.message': { name: 'Text' }
  'notice.database-damaged.hint': { file: 'Text' }
  'notice.log-damaged.hint': { file: 'Text' }
  'notice.port-moved.message': { taken: 'Text'; port: 'Text' }
  'notice.restored.back': { names: 'Text' }
  'notice.restored.ended': { names: 'Text' }
  'notice.restored.hint': { file: 'Text' }
  'notice.restored.message': { when: 'Count' }
  'notice.timeline-damaged.hint': { file: 'Text' }
  'notification.call': { name: 'Text' }
  'notification.connectionText': { host: 'Text'; client: 'Text' }
  'oauth.documentUnfit.hint': { byKey: 'Text' }
  'oauth.documentUnfit.message': { host: 'Text' }
  'oauth.documentUnread.hint': { host: 'Text'; byKey: 'Text' }
  'oauth.documentUnread.message': { host: 'Text' }
  'oauth.notAllowed.hint': { hostname: 'Text' }
  'oauth.notAllowed.message': { uri: 'Text' }
  'oauth.notRegistered.hint': { byKey: 'Text' }
  'oauth.notRegistered.message': { uri: 'Text' }
  'oauth.orGiveAppKey': { createKey: 'Text' }
  'oauth.tooManyInWindow.hint': { createKey: 'Text' }
  'oauth.unacceptable.hint': { byKey: 'Text' }
  'oauth.withoutPkce.hint': { byKey: 'Text' }
  'offers.leftOut.aType': { type: 'Text' }
  'offers.leftOut.more': { count: 'Text' }
  'offers.leftOut.noSchema': { what: 'Text' }
  'offers.leftOut.oddPart': { part: 'Text'; problem: 'Text' }
  'offers.leftOut.oddParts': { what: 'Text' }
  'offers.leftOut.plainInput': { type: 'Text' }
  'offers.leftOut.schemaParts': { parts: 'Text' }
  'offers.leftOut.tooLong': { kilobytes: 'Text' }
  'offers.prompts': { count: 'Count' }
  'offers.resources': { count: 'Count' }
  'offers.tools': { count: 'Count' }
  'origin.at': { host: 'Text' }
  'page.locked.text': { command: 'Text' }
  'page.needsYou': { count: 'Count' }
  'page.title': { page: 'Text' }
  'page.toLookAt': { count: 'Text' }
  'page.usedLink.text': { command: 'Text' }
  'page.waiting': { count: 'Text' }
  'part.inTime': { time: 'Text' }
  'part.itSays': { said: 'Text' }
  'part.lastWords': { said: 'Text' }
  'part.minutes': { count: 'Count' }
  'part.namesAndMore': { names: 'Text'; count: 'Text' }
  'part.seconds': { count: 'Count' }
  'pasted.asksFor': { what: 'Text' }
  'pasted.assistantsGetFilesFolder': { fileServer: 'Text' }
  'pasted.fileVariablesNotRead': { file: 'Text' }
  'pasted.hostHasLettersNot': { hostname: 'Text' }
  'pasted.leftOutBecauseDrawbridge': { others: 'Text' }
  'pasted.leftOutBecauseOurs': { headers: 'Text' }
  'pasted.line': { line: 'Text' }
  'pasted.linkFor': { kind: 'Text' }
  'pasted.part.address': { server: 'Text' }
  'pasted.part.argument': { number: 'Text'; server: 'Text' }
  'pasted.part.folder': { server: 'Text' }
  'pasted.part.name': { server: 'Text' }
  'pasted.part.nameOf': { kind: 'Choice'; server: 'Text' }
  'pasted.part.program': { server: 'Text' }
  'pasted.part.value': { kind: 'Choice'; name: 'Text'; server: 'Text' }
  'pasted.place': { line: 'Text'; column: 'Text' }
  'pasted.whatSaysMayRun': { trusted: 'Text' }
  'pasted.where.argument': { number: 'Text' }
  'pasted.where.header': { name: 'Text' }
  'pasted.where.variable': { name: 'Text' }
  'pasted.yourHomeFolderWas': { home: 'Text' }
  'pins.argumentAdded': { name: 'Text' }
  'pins.argumentChanged': { name: 'Text' }
  'pins.argumentDescription': { name: 'Text' }
  'pins.argumentOptional': { name: 'Text' }
  'pins.argumentRemoved': { name: 'Text' }
  'pins.argumentRequired': { name: 'Text' }
  'pins.wasRisk': { now: 'Text'; before: 'Text' }
  'putAside.waiting': { count: 'Count'; left: 'Text' }
  'record.changed': { count: 'Count' }
  'record.looked': { rows: 'Count' }
  'record.missing': { count: 'Count' }
  'record.more': { count: 'Count' }
  'record.row': { number: 'Text' }
  'record.unsealed': { count: 'Count' }
  'record.whole': { rows: 'Count' }
  'redirect.scheme': { scheme: 'Text' }
  'rules.changeOne': { name: 'Text' }
  'rules.chatOr': { left: 'Text' }
  'rules.dialog.title': { name: 'Text' }
  'rules.ended': { when: 'Text' }
  'rules.hoursLeft': { hours: 'Count' }
  'rules.last': { when: 'Text' }
  'rules.minutesLeft': { minutes: 'Count' }
  'rules.revokeOne': { name: 'Text' }
  'rules.sleeps.destructive': { when: 'Text' }
  'rules.sleeps.server-changed': { when: 'Text' }
  'rules.sleeps.tool-changed': { when: 'Text' }
  'rules.times': { count: 'Count' }
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
  'servers.leftOut.instructions.named': { name: 'Text' }
  'servers.leftOut.list': { list: 'Text' }
  'servers.leftOut.one': { what: 'Text'; why: 'Text' }
  'servers.leftOut.part.named': { name: 'Text' }
  'servers.leftOut.prompt.named': { name: 'Text' }
  'servers.leftOut.resource.named': { name: 'Text' }
  'servers.leftOut.resourceTemplate.named': { name: 'Text' }
  'servers.leftOut.tool.named': { name: 'Text' }
  'servers.lineIn': { line: 'Text'; folder: 'Text' }
  'servers.log.dropped': { bytes: 'Text'; why: 'Text' }
  'servers.log.nameless': { said: 'Text'; code: 'Text' }
  'servers.log.standardOutput': { text: 'Text' }
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
  'settings.backup.address': { address: 'Text' }
  'settings.backup.found': { computer: 'Text'; when: 'Text' }
  'settings.backup.inIt': { holds: 'Text' }
  'settings.backup.part': { percent: 'Text' }
  'settings.backup.passphraseHint': { least: 'Text' }
  'settings.backup.tooShort': { least: 'Text' }
  'settings.keptCallsHint': { most: 'Count' }
  'settings.limits.hours': { value: 'Count' }
  'settings.limits.megabytes': { value: 'Text' }
  'settings.limits.minutes': { value: 'Count' }
  'settings.limits.number': { value: 'Count' }
  'settings.listEditor.takeOffTheList': { entry: 'Text' }
  'settings.programKey.keyCreated': { when: 'Text' }
  'settings.shortcut.chosen': { keys: 'Text' }
  'settings.shortcut.text': { super: 'Text' }
  'settings.shortcut.unfit': { super: 'Text' }
  'settings.version': { version: 'Text' }
  'setup.connect.askFolder': { folder: 'Text' }
  'setup.connect.foundDrawbridge': { name: 'Text' }
  'setup.connect.gotPass': { name: 'Text' }
  'setup.connect.hadFirstLook': { name: 'Text' }
  'setup.connect.introducedItself': { name: 'Text' }
  'setup.connect.knowsYourTools': { name: 'Text' }
  'setup.connect.onlyAllowIfWas': { name: 'Text' }
  'setup.connect.onlyOpenAi.message': { name: 'Text' }
  'setup.connect.onlyOpenAi.title': { name: 'Text' }
  'setup.other.noSuchPageUse': { createKey: 'Text' }
  'spoken.protocol': { protocol: 'Text' }
  'spoken.since': { when: 'Text' }
  'stranger.nothingHere.text': { address: 'Text' }
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
  'timeline.days': { days: 'Count'; usual: 'Choice' }
  'timeline.example.title': { version: 'Text' }
  'timeline.file.unreadable': { isMissing: 'Choice' }
  'timeline.problem.kind': { most: 'Text' }
  'timeline.problem.missing': { attribute: 'Text' }
  'timeline.problem.notText': { attribute: 'Text' }
  'timeline.problem.old': { days: 'Count' }
  'timeline.problem.severity': { severities: 'Text' }
  'timeline.problem.tooLong': { attribute: 'Text'; most: 'Text' }
  'timeline.refused': { count: 'Count' }
  'timeline.refusedLine': { when: 'Text'; offset: 'Text'; problem: 'Text' }
  'tools.builtIn': { count: 'Count'; off: 'Count' }
  'tools.canBeTold': { names: 'Text' }
  'tools.changed': { count: 'Count' }
  'tools.changedWait': { count: 'Count' }
  'tools.fresh': { count: 'Count' }
  'tools.held': { count: 'Count' }
  'tools.newWait': { count: 'Count' }
  'tools.nothingWasFoundFor': { search: 'Text' }
  'tools.rename.itIsCalledNow': { name: 'Text' }
  'tools.rename.itself': { source: 'Text'; name: 'Text' }
  'tools.rename.others': { count: 'Text' }
  'tools.rename.title': { title: 'Text' }
  'tools.rename.whoSees': { names: 'Text'; count: 'Count' }
  'tools.review.foundAt': { what: 'Text'; where: 'Text' }
  'tools.review.leaveOffName': { title: 'Text' }
  'tools.review.useItAsItIsName': { title: 'Text' }
  'tools.review.useItName': { title: 'Text' }
  'tools.risk.saved': { title: 'Text' }
  'tools.risk.title': { title: 'Text' }
  'tools.row.asksName': { title: 'Text' }
  'tools.row.changeName': { title: 'Text' }
  'tools.row.note': { note: 'Text' }
  'tools.row.renameName': { title: 'Text' }
  'tools.row.yourNameFor': { original: 'Text' }
  'tools.server.takeName': { action: 'Text'; name: 'Text' }
  'tools.showAll': { count: 'Count' }
  'tools.showAllOf': { count: 'Count'; title: 'Text' }
  'tools.showAllOffers': { count: 'Count' }
  'tools.showAllOffersOf': { count: 'Count'; title: 'Text' }
  'tools.toolsOf': { title: 'Text' }
  'tools.useChanged': { count: 'Count' }
  'tools.useChangedOf': { count: 'Count'; from: 'Text' }
  'tools.useNew': { count: 'Count' }
  'tools.useNewOf': { count: 'Count'; from: 'Text' }
  'tray.call': { time: 'Text'; name: 'Text'; tool: 'Text'; outcome: 'Text' }
  'tray.connection': { name: 'Text'; host: 'Text' }
  'tray.more': { count: 'Text' }
  'tray.needs': { count: 'Count' }
  'tray.paused': { name: 'Text'; time: 'Text' }
  'tray.revoke.title': { name: 'Text' }
  'tray.rules.last.anything': { name: 'Text'; tool: 'Text'; hasEnd: 'Choice'; until: 'Text'; time: 'Text' }
  'tray.rules.last.exactly': { name: 'Text'; tool: 'Text'; hasEnd: 'Choice'; until: 'Text'; time: 'Text' }
  'tray.rules.last.inChat': { name: 'Text'; tool: 'Text'; time: 'Text' }
  'tray.rules.last.never': { name: 'Text'; tool: 'Text'; time: 'Text' }
  'tray.rules.title': { name: 'Text' }
  'tray.waiting': { count: 'Text' }
  'tunnel.fetchHelper': { title: 'Text' }
  'tunnel.getHelper': { title: 'Text' }
  'tunnel.standIn.hint': { title: 'Text' }
  'ui.copy.copyLabel': { label: 'Text' }
  'ui.copy.labelCopied': { label: 'Text' }
  'ui.exactRun.argument': { number: 'Text' }
  'usage.asTable': { name: 'Text' }
  'usage.days': { days: 'Text' }
  'usage.emptyText': { days: 'Text' }
  'usage.more': { count: 'Count' }
  'usage.percent': { percent: 'Text' }
  'usage.servers.megabytes': { count: 'Count' }
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
