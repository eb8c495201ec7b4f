// The public client @spacejunk/airlock 1.2.0 from registration to a sale: `airlock_bot.js URL`.

const assert = require("node:assert");
const airlock = require("@spacejunk/airlock");

const [basePath] = process.argv.slice(2);
const until = (time) => new Promise((done) => setTimeout(done, Math.max(1, new Date(time) - Date.now() + 5)));

async function main() {
  const anyone = new airlock.DefaultApi(new airlock.Configuration({ basePath }));
  const made = await anyone.register({ symbol: "AIRLOCK", faction: "COSMIC" });
  assert.equal(made.data.agent.credits, 175000);
  const own = new airlock.Configuration({ basePath, accessToken: made.data.token });
  const fleet = new airlock.FleetApi(own);
  const systems = new airlock.SystemsApi(own);
  const contract = (await new airlock.ContractsApi(own).getContracts()).data[0];
  const accepted = await new airlock.ContractsApi(own).acceptContract(contract.id);
  assert.equal(accepted.data.contract.accepted, true);

  const home = made.data.agent.headquarters.split("-").slice(0, 2).join("-");
  const points = [];
  for (let page = 1; ; page++) {
    const rows = (await systems.getSystemWaypoints(home, page, 20)).data;
    if (!rows.length) break;
    points.push(...rows);
  }
  const rock = points.find((row) => row.type === "ENGINEERED_ASTEROID");
  const ship = (await fleet.getMyShips(1, 20)).data[0].symbol;
  await fleet.orbitShip(ship);
  const flight = await fleet.navigateShip(ship, { waypointSymbol: rock.symbol });
  await until(flight.data.nav.route.arrival);
  const surveyed = (await fleet.createSurvey(ship)).data;
  await until(surveyed.cooldown.expiration);
  const found = (await fleet.extractResources(ship, { survey: surveyed.surveys[0] })).data;
  assert.ok(found.extraction._yield.units >= 0);
  await fleet.dockShip(ship);
  const market = (await systems.getMarket(home, rock.symbol)).data;
  assert.ok(market.tradeGoods.some((row) => row.symbol === "FUEL"));
  await fleet.purchaseCargo(ship, { symbol: "FUEL", units: 1 });
  const sold = await fleet.sellCargo(ship, { symbol: "FUEL", units: 1 });
  assert.equal(sold.data.transaction.units, 1);
  console.log("ok");
}

main().catch(async (error) => {
  console.error(error, error.response && (await error.response.text()));
  process.exit(1);
});
