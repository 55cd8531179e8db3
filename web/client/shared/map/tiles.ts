/** Every cell of the city from the server's vector tiles; loaded where no grid on the device covers what is looked at. */
import MVT from "ol/format/MVT";
import VectorTileLayer from "ol/layer/VectorTile";
import VectorTileSource from "ol/source/VectorTile";
import type { Styles } from "./styles";

export function tilesLayer(styles: Styles): VectorTileLayer {
  return new VectorTileLayer({
    source: new VectorTileSource({ format: new MVT(), url: "/tiles/active/cells/{z}/{x}/{y}.mvt", maxZoom: 16 }),
    style: (feature, resolution) => styles.tiles(feature, resolution),
    declutter: true,
    zIndex: 0,
  });
}
