// The public client @spacejunk/airlock 1.2.0 from registration to a jump: `airlock_bot.js URL`.
//
// It is of specification 2.0, where a gate listed `connectedSystems` and a jump asked for a system.
// The one of today knows `connections` and `waypointSymbol` only, so these two go through the doors
// that the client has for it (raw answers, overridden requests); it decodes everything else itself.

const assert = require("node:assert");
const airlock = require("@spacejunk/airlock");

const [basePath] = process.argv.slice(2);
const until = (time) => new Promise((done) => setTimeout(done, Math.max(1, new Date(time) - Date.now() + 5)));
const system = (waypoint) => waypoint.split("-").slice(0, 2).join("-");
const symbols = (rows) => rows.map((row) => row.symbol);

async function main() {
  const anyone = new airlock.DefaultApi(new airlock.Configuration({ basePath }));
  const made = (await anyone.register({ symbol: "AIRLOCK", faction: "COSMIC" })).data;
  const own = new airlock.Configuration({ basePath, accessToken: made.token });
  const fleet = new airlock.FleetApi(own);
  const systems = new airlock.SystemsApi(own);
  const contracts = new airlock.ContractsApi(own);
  const agents = new airlock.AgentsApi(own);

  const everything = async (list) => {
    const rows = [];
    for (let page = 1, more; (more = (await list(page, 20)).data).length; page++) rows.push(...more);
    return rows;
  };
  const market = async (at) => (await systems.getMarket(system(at), at)).data;
  const go = async (ship, goal) => {
    if ((await fleet.getShipNav(ship)).data.waypointSymbol !== goal) {
      await fleet.orbitShip(ship);
      const flight = (await fleet.navigateShip(ship, { waypointSymbol: goal })).data;
      await until(flight.nav.route.arrival);
    }
    await fleet.dockShip(ship);
  };
  const haul = async (ship, symbol, units, source, goal) => {
    await go(ship, source);
    assert.equal((await fleet.purchaseCargo(ship, { symbol, units })).data.transaction.units, units);
    await go(ship, goal);
  };

  const home = system(made.agent.headquarters);
  const ships = await everything((page, limit) => fleet.getMyShips(page, limit));
  const of = (role) => ships.find((row) => row.registration.role === role);
  const [frigate, explorer] = [of("COMMAND").symbol, of("EXPLORER").symbol];
  for (const ship of [frigate, explorer]) {
    await fleet.patchShipNav(ship, { flightMode: "DRIFT" });
  }
  const points = await everything((page, limit) => systems.getSystemWaypoints(home, page, limit));
  const rock = points.find((row) => row.type === "ENGINEERED_ASTEROID").symbol;
  const offers = [];
  for (const row of points.filter((point) => symbols(point.traits).includes("MARKETPLACE"))) {
    offers.push(await market(row.symbol));
  }
  const sells = (good) => offers.find((row) => symbols([...row.exports, ...row.exchange]).includes(good))?.symbol;
  const buys = (good) => offers.find((row) => symbols([...row.imports, ...row.exchange]).includes(good))?.symbol;

  const yard = (await systems.getShipyard(home, of("SATELLITE").nav.waypointSymbol)).data;
  const cheapest = yard.ships.reduce((a, b) => (b.purchasePrice < a.purchasePrice ? b : a));
  const order = { shipType: cheapest.type, waypointSymbol: yard.symbol };
  assert.equal((await fleet.purchaseShip(order)).data.transaction.price, cheapest.purchasePrice);

  await go(frigate, rock);
  await fleet.refuelShip(frigate);
  await fleet.orbitShip(frigate);
  const surveyed = (await fleet.createSurvey(frigate)).data;
  await until(surveyed.cooldown.expiration);
  const found = (await fleet.extractResources(frigate, { survey: surveyed.surveys[0] })).data.extraction;
  assert.ok(symbols(surveyed.surveys[0].deposits).includes(found._yield.symbol));
  for (const { symbol, units } of (await fleet.getMyShipCargo(frigate)).data.inventory) {
    const buyer = buys(symbol);
    if (!buyer) {
      await fleet.jettison(frigate, { symbol, units });
      continue;
    }
    await go(frigate, buyer);
    assert.equal((await fleet.sellCargo(frigate, { symbol, units })).data.transaction.units, units);
  }

  const contract = (await contracts.getContracts(1, 20)).data[0];
  assert.equal((await contracts.acceptContract(contract.id)).data.contract.accepted, true);
  const wanted = contract.terms.deliver[0];
  for (let left = wanted.unitsRequired; left > 0; ) {
    const units = Math.min(left, 20);
    await haul(frigate, wanted.tradeSymbol, units, sells(wanted.tradeSymbol), wanted.destinationSymbol);
    await contracts.deliverContract(contract.id, { shipSymbol: frigate, tradeSymbol: wanted.tradeSymbol, units });
    left -= units;
  }
  const before = (await agents.getMyAgent()).data.credits;
  const after = (await contracts.fulfillContract(contract.id)).data.agent.credits;
  assert.equal(after - before, contract.terms.payment.onFulfilled);

  const exporter = offers.find((row) => row.exports.some((good) => buys(good.symbol)));
  const good = exporter.exports.find((row) => buys(row.symbol)).symbol;
  await haul(frigate, good, 1, exporter.symbol, buys(good));
  assert.equal((await fleet.sellCargo(frigate, { symbol: good, units: 1 })).data.transaction.type, "SELL");

  await fleet.orbitShip(explorer);
  for (const { symbol } of (await fleet.createShipSystemScan(explorer)).data.systems) {
    const gate = (await everything((page, limit) => systems.getSystemWaypoints(symbol, page, limit))).find(
      (row) => row.type === "JUMP_GATE",
    );
    const flight = gate && (await fleet.warpShip(explorer, { waypointSymbol: gate.symbol }).catch(refused));
    if (!flight) continue;
    await until(flight.data.nav.route.arrival);
    const connected = (await systems.getJumpGateRaw({ systemSymbol: symbol, waypointSymbol: gate.symbol })).raw;
    for (const waypointSymbol of (await connected.json()).data.connections) {
      const jumped = await fleet.jumpShip(explorer, {}, async () => ({ body: { waypointSymbol } })).catch(refused);
      if (!jumped) continue;
      assert.equal(jumped.data.nav.waypointSymbol, waypointSymbol);
      console.log("ok");
      return;
    }
  }
  assert.fail("no finished gate led anywhere");
}

async function refused(error) {
  if (!(error instanceof airlock.ResponseError)) throw error;
}

main().catch(async (error) => {
  console.error(error, error.response && (await error.response.text()));
  process.exit(1);
});
