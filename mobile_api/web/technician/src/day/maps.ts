/** Ways to a stop in somebody's map service, each in the coordinates that it takes. The server converts: the day carries both. */
import type { DayElevator } from "../store/types";

export interface MapLink {
  name: "map.amap" | "map.baidu" | "map.google" | "map.apple";
  address: string;
}

const CHINESE_ZONES = ["Asia/Shanghai", "Asia/Urumqi"];
/** A tenth of a metre. */
const DIGITS = 6;

/** What of a place a link needs. */
export type MapPlace = Pick<DayElevator, "lat" | "lon" | "gcj02" | "bd09" | "site_name">;

/** The links to a stop, the usual ones of the firm's country first; none where the register has no position. */
export function mapLinks(elevator: MapPlace, zone: string): MapLink[] {
  const { lat, lon, gcj02, bd09 } = elevator;
  if (lat === null || lon === null) return [];
  const world: MapLink[] = [
    { name: "map.google", address: `https://www.google.com/maps/dir/?api=1&destination=${lat},${lon}` },
    { name: "map.apple", address: `https://maps.apple.com/?daddr=${lat},${lon}&dirflg=d` },
  ];
  const chinese = gcj02 && bd09 ? chineseLinks(elevator.site_name, gcj02, bd09) : [];
  return CHINESE_ZONES.includes(zone) ? [...chinese, ...world] : [...world, ...chinese];
}

function chineseLinks(site: string, gcj02: [number, number], bd09: [number, number]): MapLink[] {
  const name = encodeURIComponent(site.replaceAll(",", " "));
  const [amapLat, amapLon] = gcj02.map((degrees) => degrees.toFixed(DIGITS));
  const [baiduLat, baiduLon] = bd09.map((degrees) => degrees.toFixed(DIGITS));
  const amap = `to=${amapLon},${amapLat},${name}&mode=car&coordinate=gaode&callnative=1`;
  const baidu = `location=${baiduLat},${baiduLon}&title=${name}&content=${name}&output=html&coord_type=bd09ll&src=webapp.liftrounds`;
  return [
    { name: "map.amap", address: `https://uri.amap.com/navigation?${amap}` },
    { name: "map.baidu", address: `https://api.map.baidu.com/marker?${baidu}` },
  ];
}
