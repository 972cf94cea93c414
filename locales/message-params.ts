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
  'approvals.detailsOf': { count: 'Count' }
  'approvals.moreAfterThis': { count: 'Text' }
  'approvals.noAnswerMeansNo': { left: 'Text' }
  'approvals.text': { risk: 'Text' }
  'approvals.unheard.nothingHasRunYet': { left: 'Text' }
  'approvals.wantsToUse': { client: 'Text'; tool: 'Text' }
  'bridge.leadAndNeeds': { lead: 'Text'; needs: 'Count' }
  'bridge.spoken': { title: 'Text'; lead: 'Text' }
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
  'exactRun.hidden': { value: 'Text' }
  'finding.notTried': { title: 'Text' }
  'findings.comment': { text: 'Text' }
  'findings.encoded': { text: 'Text' }
  'findings.hidden': { text: 'Text' }
  'findings.image': { text: 'Text' }
  'findings.imitation': { text: 'Text' }
  'findings.instruction': { text: 'Text' }
  'findings.terminal': { text: 'Text' }
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
  'limits.chosenTools': { count: 'Count' }
  'limits.days': { days: 'Count' }
  'limits.ended': { day: 'Text' }
  'limits.endsIn': { days: 'Text' }
  'limits.in': { days: 'Text' }
  'limits.line': { tools: 'Text'; end: 'Text' }
  'limits.until': { day: 'Text' }
  'list.and': { most: 'Text'; last: 'Text' }
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
  'notification.call': { name: 'Text' }
  'notification.connectionText': { host: 'Text'; client: 'Text' }
  'offers.prompts': { count: 'Count' }
  'offers.resources': { count: 'Count' }
  'offers.tools': { count: 'Count' }
  'origin.at': { host: 'Text' }
  'page.needsYou': { count: 'Count' }
  'page.title': { page: 'Text' }
  'page.toLookAt': { count: 'Text' }
  'page.waiting': { count: 'Text' }
  'pins.argumentAdded': { name: 'Text' }
  'pins.argumentChanged': { name: 'Text' }
  'pins.argumentDescription': { name: 'Text' }
  'pins.argumentOptional': { name: 'Text' }
  'pins.argumentRemoved': { name: 'Text' }
  'pins.argumentRequired': { name: 'Text' }
  'pins.wasRisk': { now: 'Text'; before: 'Text' }
  'putAside.waiting': { count: 'Count'; left: 'Text' }
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
  'tools.useChanged': { count: 'Count' }
  'tools.useChangedOf': { count: 'Count'; from: 'Text' }
  'tools.useNew': { count: 'Count' }
  'tools.useNewOf': { count: 'Count'; from: 'Text' }
  'tray.connection': { name: 'Text'; host: 'Text' }
  'tray.more': { count: 'Text' }
  'tray.waiting': { count: 'Text' }
  'ui.copy.copyLabel': { label: 'Text' }
  'ui.copy.labelCopied': { label: 'Text' }
  'ui.exactRun.argument': { number: 'Text' }
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
